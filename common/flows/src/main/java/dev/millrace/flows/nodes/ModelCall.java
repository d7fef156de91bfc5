package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.models.ChatModels.ChatListener;
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

  ModelCall(ChatModels models, NodeContext context, ModelInputs inputs) {
    this.models = FallbackModels.of(models, context);
    this.context = context;
    this.inputs = inputs;
    String model = inputs.model();
    if (model.isEmpty()) {
      throw new FlowException("No model is chosen in node " + context.node().title() + ".");
    }
    if (!models.supported().contains(model)) {
      throw new FlowException(
          "Model \""
              + model
              + "\" of node "
              + context.node().title()
              + " cannot be called here. Supported: "
              + String.join(", ", new TreeSet<>(models.supported()))
              + ".");
    }
    this.credential = context.credential(inputs.credentialId());
  }

  /** Calls the model. */
  ChatModels.Answer answer(
      List<ChatTurn> messages, boolean stream, @Nullable ObjectNode schema, ChatListener listener) {
    var call =
        new ChatModels.Call(inputs.model(), inputs.config(), credential, messages, stream, schema);
    return models.call(call, stream ? listener : ChatListener.NONE, context.cancellation());
  }

  /** Has the model sum up a conversation. */
  String summary(List<ChatTurn> turns) {
    String lines =
        turns.stream()
            .map(turn -> turn.role() + ": " + turn.content())
            .collect(Collectors.joining("\n"));
    var answer =
        answer(List.of(new ChatTurn("user", SUMMARISE + lines)), false, null, ChatListener.NONE);
    used = sum(used, answer.usage());
    return answer.text();
  }

  /** Returns what all calls used, when the last one used this. */
  ObjectNode usageWith(ObjectNode last) {
    return sum(last, used);
  }

  private static ObjectNode sum(ObjectNode first, ObjectNode second) {
    if (second.isEmpty()) {
      return first;
    }
    ObjectNode sum = Json.shallowCopy(first);
    for (Map.Entry<String, JsonNode> member : second.properties()) {
      JsonNode old = sum.get(member.getKey());
      if (old == null) {
        sum.set(member.getKey(), member.getValue());
      } else if (old.isIntegralNumber()) {
        sum.put(member.getKey(), old.longValue() + member.getValue().asLong(0));
      } else if (old instanceof ObjectNode a && member.getValue() instanceof ObjectNode b) {
        sum.set(member.getKey(), sum(a, b));
      }
    }
    return sum;
  }
}
