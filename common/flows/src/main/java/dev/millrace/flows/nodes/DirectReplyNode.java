package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import tools.jackson.databind.JsonNode;

/** Answers with a text of its own (specification §4.12). */
final class DirectReplyNode implements NodeRunner {
  @Override
  public boolean hasEffects() {
    return false;
  }

  @Override
  public NodeOutcome run(NodeContext context) {
    JsonNode message = context.inputs().raw("directReplyMessage");
    var output = Json.object();
    if (!message.isMissingNode()) {
      output.set("content", message);
    }
    if (context.isLast()) {
      context.events().token(JsonText.of(message));
    }
    return new NodeOutcome.Done(new NodeOutcome.Result(Json.object(), output));
  }
}
