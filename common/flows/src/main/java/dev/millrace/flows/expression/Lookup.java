package dev.millrace.flows.expression;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.model.Json;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Finds the value of a reference. */
final class Lookup {
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private Lookup() {}

  /** Returns the value, null when the reference has none and has to stay as it was written. */
  static @Nullable JsonNode find(Reference reference, Scope scope) {
    return switch (reference) {
      case Reference.Word word -> word(word, scope);
      case Reference.Result _ -> null;
      case Reference.Form(var path) -> present(Paths.get(scope.form(), path));
      case Reference.Webhook(var path) -> present(Paths.get(scope.webhook(), path));
      case Reference.Iteration(var path) -> iteration(path, scope.iteration());
      case Reference.Variable(var path) -> variable(path, scope);
      case Reference.FlowMember(var name, var path) -> present(Paths.get(scope.flow(name), path));
      case Reference.NodeOutput output -> output(output, scope);
      case Reference.NodeContent(var nodeId) -> content(scope.output(nodeId));
    };
  }

  private static JsonNode word(Reference.Word word, Scope scope) {
    String text =
        switch (word) {
          case QUESTION -> scope.question();
          case FILE_ATTACHMENT -> scope.uploads();
          case CHAT_HISTORY -> history(scope.pastHistory(), scope.runHistory());
          case RUNTIME_MESSAGES_LENGTH ->
              Integer.toString(Math.max(0, scope.runHistory().size() - 1));
          case LOOP_COUNT -> Integer.toString(scope.loopCount());
          case CURRENT_DATE_TIME -> ISO.format(scope.now());
        };
    return Json.text(text);
  }

  private static @Nullable JsonNode iteration(List<String> path, @Nullable JsonNode item) {
    if (item == null || path.isEmpty() || item.isString()) {
      return item;
    }
    if (!item.isContainer()) {
      return null;
    }
    JsonNode value = Paths.get(item, path);
    return value.isMissingNode() ? Json.text("") : value;
  }

  private static @Nullable JsonNode variable(String path, Scope scope) {
    String value = scope.variables().get(path);
    return value == null ? null : Json.text(value);
  }

  private static @Nullable JsonNode output(Reference.NodeOutput reference, Scope scope) {
    JsonNode output = scope.output(reference.nodeId());
    JsonNode value = output == null ? null : present(Paths.get(output, reference.path()));
    return value != null ? value : content(scope.output(reference.text()));
  }

  private static @Nullable JsonNode content(@Nullable JsonNode output) {
    if (output == null) {
      return null;
    }
    JsonNode content = present(output.path("content"));
    return content != null ? content : present(output.path("http").path("data"));
  }

  private static @Nullable JsonNode present(JsonNode value) {
    return value.isMissingNode() || value.isNull() ? null : value;
  }

  private static String history(List<ChatTurn> past, List<ChatTurn> run) {
    var lines = new ArrayList<String>();
    for (List<ChatTurn> turns : List.of(past, run)) {
      for (ChatTurn turn : turns) {
        if (!turn.content().isEmpty()) {
          lines.add(speaker(turn.role()) + turn.content());
        }
      }
    }
    return String.join("\n", lines);
  }

  private static String speaker(String role) {
    return switch (role) {
      case "user" -> "Human: ";
      case "assistant" -> "Assistant: ";
      default -> "";
    };
  }
}
