package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.NodeInputs;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.models.ModelException;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls the model of a node and, when that fails before it said anything, the one that the node
 * names in its place: the inputs {@code fallbackModel} and {@code fallbackModelConfig}, of the same
 * shape as the model's own. An addition of ours.
 */
final class FallbackModels implements ChatModels {
  private static final Logger LOG = LoggerFactory.getLogger(FallbackModels.class);

  private final ChatModels models;
  private final NodeContext context;
  private final String fallback;

  private FallbackModels(ChatModels models, NodeContext context, String fallback) {
    this.models = models;
    this.context = context;
    this.fallback = fallback;
  }

  /** Returns how a node calls models: the models themselves when it names no other. */
  static ChatModels of(ChatModels models, NodeContext context) {
    String fallback = context.inputs().text("fallbackModel");
    return fallback.isEmpty() ? models : new FallbackModels(models, context, fallback);
  }

  @Override
  public Set<String> supported() {
    return models.supported();
  }

  @Override
  public Answer call(Call call, ChatListener listener, Cancellation cancellation) {
    var heard = new Heard(listener);
    try {
      return models.call(call, heard, cancellation);
    } catch (ModelException e) {
      if (heard.anything || cancellation.isCancelled()) {
        throw e;
      }
      LOG.atWarn()
          .addKeyValue("node", context.node().id())
          .addKeyValue("fallback", fallback)
          .setCause(e)
          .log("a model failed, its fallback is asked");
    }
    NodeInputs inputs = context.inputs();
    ObjectNode config = inputs.object("fallbackModelConfig");
    String credential = config.path("FLOWISE_CREDENTIAL_ID").asString("");
    try {
      return models.call(
          call.of(fallback, config, context.credential(credential)), listener, cancellation);
    } catch (ModelException e) {
      throw new ModelException(
          "its fallback model "
              + fallback
              + " (fallbackModelConfig) failed, too: "
              + e.getMessage(),
          e.status(),
          e);
    }
  }

  /** Notices whether a model has begun to answer. */
  private static final class Heard implements ChatListener {
    private final ChatListener listener;
    private volatile boolean anything;

    Heard(ChatListener listener) {
      this.listener = listener;
    }

    @Override
    public void token(String piece) {
      anything |= !piece.isEmpty();
      listener.token(piece);
    }

    @Override
    public void thinking(String piece) {
      anything = true;
      listener.thinking(piece);
    }
  }
}
