package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.models.ChatModels.ChatListener;
import dev.millrace.flows.models.ModelException;
import dev.millrace.flows.models.ToolRound;
import dev.millrace.flows.models.ToolSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The calls that one execution of a node makes to its model, and what they used together. */
final class ModelCall {
  private static final String SUMMARISE =
      """
      Below is a conversation, one message after the other, each with the role that wrote it.
      Write down what it was about, so that it can be continued by someone who has not read it:
      keep names, numbers, decisions, open questions and what the user wants. Answer with the
      summary alone, in the language of the conversation.

      """;

  private final ChatModels models;
  private final NodeContext context;
  private final ModelInputs inputs;
  private final ObjectNode credential;
  private ObjectNode used = Json.object();

  ModelCall(ChatModels models, Prices prices, NodeContext context, ModelInputs inputs) {
    this.models = FallbackModels.of(new PricedModels(models, prices), context);
    this.context = context;
    this.inputs = inputs;
    String model = inputs.model();
    if (model.isEmpty()) {
      throw new FlowException(
          "No model is chosen in node "
              + context.node().title()
              + " ("
              + inputs.name("Model")
              + ").");
    }
    if (!models.supported().contains(model)) {
      throw new FlowException(
          "Model \""
              + model
              + "\" ("
              + inputs.name("Model")
              + ") of node "
              + context.node().title()
              + " cannot be called here. Supported: "
              + String.join(", ", new TreeSet<>(models.supported()))
              + ".");
    }
    this.credential = context.credential(inputs.credentialId());
  }

  /**
   * Calls the model, through its streaming API unless that was turned off: so it is how Flowise
   * does it, and a cancelled or silent model is noticed sooner.
   */
  ChatModels.Answer answer(
      List<ChatTurn> messages, @Nullable ObjectNode schema, ChatListener listener) {
    return answer(messages, schema, List.of(), List.of(), List.of(), listener);
  }

  /** As {@link #answer(List, ObjectNode, ChatListener)}, of a model that may call tools. */
  ChatModels.Answer answer(
      List<ChatTurn> messages,
      @Nullable ObjectNode schema,
      List<ToolSpec> tools,
      List<String> builtIn,
      List<ToolRound> rounds,
      ChatListener listener) {
    var call =
        new ChatModels.Call(
            inputs.model(),
            inputs.config(),
            credential,
            messages,
            inputs.streams(),
            schema,
            tools,
            builtIn,
            rounds);
    try {
      return models.call(call, listener, context.cancellation());
    } catch (ModelException e) {
      throw located(e);
    }
  }

  /** A refusal is told in the provider's words alone, as Flowise tells it. */
  private ModelException located(ModelException e) {
    if (e.status() != 0) {
      return e;
    }
    String about = e.input() == null ? "" : ", " + inputs.name(e.input());
    return new ModelException(
        "node " + context.node().title() + about + ": " + e.getMessage(), 0, e);
  }

  /** Has the model sum up a conversation. */
  String summary(List<ChatTurn> turns) {
    String lines =
        turns.stream()
            .filter(turn -> !turn.content().isEmpty())
            .map(turn -> turn.role() + ": " + turn.content())
            .collect(Collectors.joining("\n"));
    var answer = answer(List.of(new ChatTurn("user", SUMMARISE + lines)), null, ChatListener.NONE);
    used = sum(used, answer.usage());
    return answer.text();
  }

  /** Returns what all calls used, when the last one used this. */
  ObjectNode usageWith(ObjectNode last) {
    return sum(last, used);
  }

  /**
   * Adds up two usages, member by member. The prices of a token are kept only when they are the
   * same in both.
   */
  static ObjectNode sum(ObjectNode first, ObjectNode second) {
    if (second.isEmpty()) {
      return first;
    }
    ObjectNode sum = Json.shallowCopy(first);
    for (Map.Entry<String, JsonNode> member : second.properties()) {
      JsonNode old = sum.get(member.getKey());
      if (old == null) {
        sum.set(member.getKey(), member.getValue());
      } else if (Prices.isPerToken(member.getKey())) {
        if (!old.equals(member.getValue())) {
          sum.remove(member.getKey());
        }
      } else if (old.isFloatingPointNumber()) {
        sum.put(member.getKey(), old.doubleValue() + member.getValue().asDouble(0));
      } else if (old.isIntegralNumber()) {
        sum.put(member.getKey(), old.longValue() + member.getValue().asLong(0));
      } else if (old instanceof ObjectNode a && member.getValue() instanceof ObjectNode b) {
        sum.set(member.getKey(), sum(a, b));
      }
    }
    return sum;
  }
}
