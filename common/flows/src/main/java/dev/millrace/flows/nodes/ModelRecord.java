package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.Compat;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What nodes with a model put into their records and into the conversation (§4.2). */
final class ModelRecord {
  private ModelRecord() {}

  /** Returns the messages as sent, then what else was set. */
  static ObjectNode input(ModelInputs inputs, ArrayNode messages) {
    ObjectNode input = Json.object();
    input.set("messages", messages);
    for (var entry : inputs.values().properties()) {
      boolean unset = entry.getValue().isString() && entry.getValue().stringValue().isEmpty();
      if (!unset && !entry.getKey().equals(inputs.name("Messages"))) {
        input.set(entry.getKey(), entry.getValue());
      }
    }
    return input;
  }

  /** Puts rows into an object, unless there are none. */
  static void put(ObjectNode object, String name, ArrayNode rows) {
    if (!rows.isEmpty()) {
      object.set(name, rows);
    }
  }

  static ObjectNode time(long start, long end) {
    return Json.object().put("start", start).put("end", end).put("delta", end - start);
  }

  /**
   * Returns what a node adds to the conversation: the question, with what the model saw besides,
   * when nobody has asked it yet, and the answer.
   *
   * @param extra {@code additional_kwargs} of the answer, or null
   */
  static List<ChatTurn> said(
      NodeContext context,
      ModelInputs inputs,
      List<ChatTurn> asked,
      String text,
      @Nullable ObjectNode extra) {
    var said = new ArrayList<ChatTurn>();
    if (context.runHistory().isEmpty()) {
      List<ChatTurn.Image> pictures = Images.permitted(inputs) ? Images.of(context) : List.of();
      if (!pictures.isEmpty()) {
        said.add(new ChatTurn("user", "", pictures));
      }
      String question = context.finalInput();
      if (inputs.flag("EnableMemory") || asked.isEmpty()) {
        if (question != null && !question.isEmpty()) {
          said.add(new ChatTurn("user", question));
        }
      } else {
        said.addAll(asked);
      }
    }
    boolean asUser =
        context.keeps(Compat.PREVIOUS_ANSWER_AS_USER)
            && !inputs.text("ReturnResponseAs").equals("assistantMessage");
    String role = asUser ? "user" : "assistant";
    String name = context.node().label().toLowerCase(Locale.ROOT).replaceAll("\\s", "_");
    said.add(new ChatTurn(role, text, name, extra));
    return said;
  }
}
