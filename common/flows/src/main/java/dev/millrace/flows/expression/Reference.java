package dev.millrace.flows.expression;

import java.util.List;

/** What stands between double braces, understood. */
sealed interface Reference {
  enum Word implements Reference {
    QUESTION,
    FILE_ATTACHMENT,
    CHAT_HISTORY,
    RUNTIME_MESSAGES_LENGTH,
    LOOP_COUNT,
    CURRENT_DATE_TIME
  }

  /** What the node has just put out, or something in it; only state updates know it. */
  record Result(List<String> path) implements Reference {}

  record Form(List<String> path) implements Reference {}

  record Webhook(List<String> path) implements Reference {}

  /** The item of an iteration, or something in it when the path is not empty. */
  record Iteration(List<String> path) implements Reference {}

  record Variable(String path) implements Reference {}

  record FlowMember(String name, List<String> path) implements Reference {}

  /**
   * What a node put out.
   *
   * @param text the whole reference, for ids that contain {@code .output.}
   */
  record NodeOutput(String nodeId, List<String> path, String text) implements Reference {}

  /** The content of what a node put out. */
  record NodeContent(String nodeId) implements Reference {}

  /** Understands the trimmed text between the braces. */
  static Reference parse(String text) {
    return switch (text) {
      case "question" -> Word.QUESTION;
      case "file_attachment" -> Word.FILE_ATTACHMENT;
      case "chat_history" -> Word.CHAT_HISTORY;
      case "runtime_messages_length" -> Word.RUNTIME_MESSAGES_LENGTH;
      case "loop_count" -> Word.LOOP_COUNT;
      case "current_date_time" -> Word.CURRENT_DATE_TIME;
      case "output" -> new Result(List.of());
      case "$iteration" -> new Iteration(List.of());
      default -> path(text);
    };
  }

  private static Reference path(String text) {
    if (text.startsWith("output.")) {
      return new Result(Paths.steps(text.substring("output.".length())));
    }
    if (text.startsWith("$form.")) {
      return new Form(Paths.steps(text.substring("$form.".length())));
    }
    if (text.startsWith("$webhook.")) {
      return new Webhook(Paths.steps(text.substring("$webhook.".length())));
    }
    if (text.startsWith("$iteration.")) {
      return new Iteration(Paths.steps(text.substring("$iteration.".length())));
    }
    if (text.startsWith("$vars.")) {
      return new Variable(text.substring("$vars.".length()));
    }
    if (text.startsWith("$flow.")) {
      List<String> steps = Paths.steps(text.substring("$flow.".length()));
      if (!steps.isEmpty()) {
        return new FlowMember(steps.getFirst(), steps.subList(1, steps.size()));
      }
    }
    // Editors that wrote Markdown escaped the underscore of an id.
    String plain = text.replace("\\", "");
    int output = plain.indexOf(".output.");
    if (output > 0) {
      String path = plain.substring(output + ".output.".length());
      return new NodeOutput(plain.substring(0, output), Paths.steps(path), plain);
    }
    return new NodeContent(plain);
  }
}
