package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.models.ChatModels;
import java.util.Set;

/** Puts into the usage of every answer what the model that gave it takes for it. */
record PricedModels(ChatModels models, Prices prices) implements ChatModels {
  @Override
  public Set<String> supported() {
    return models.supported();
  }

  @Override
  public Answer call(Call call, ChatListener listener, Cancellation cancellation) {
    Answer answer = models.call(call, listener, cancellation);
    return answer.withUsage(prices.withCosts(answer.usage(), ModelInputs.modelName(call.config())));
  }
}
