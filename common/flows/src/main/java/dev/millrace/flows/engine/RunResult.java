package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a run ended.
 *
 * @param status FINISHED, STOPPED, ERROR, TERMINATED or TIMEOUT
 * @param text the answer: the content of the last executed record, " " when it has none
 * @param records every executed node, in the order in which they run one at a time, which does not
 *     depend on how fast parallel branches were; without {@code FLOWISE_CREDENTIAL_ID}
 * @param action what a human is asked, when STOPPED
 * @param error the message for the client, when ERROR, TERMINATED or TIMEOUT
 * @param resumable whether a human's answer may go on with it
 * @param followUpPrompts what the user may want to ask next; mostly nothing
 */
public record RunResult(
    RunStatus status,
    String text,
    List<NodeRecord> records,
    @Nullable ObjectNode action,
    @Nullable String error,
    boolean resumable,
    List<String> followUpPrompts) {
  public RunResult {
    records = List.copyOf(records);
    followUpPrompts = List.copyOf(followUpPrompts);
  }

  public RunResult(
      RunStatus status,
      String text,
      List<NodeRecord> records,
      @Nullable ObjectNode action,
      @Nullable String error,
      boolean resumable) {
    this(status, text, records, action, error, resumable, List.of());
  }

  public RunResult(
      RunStatus status,
      String text,
      List<NodeRecord> records,
      @Nullable ObjectNode action,
      @Nullable String error) {
    this(status, text, records, action, error, status == RunStatus.STOPPED);
  }

  /** Returns the result of a run as its records tell it. */
  public static RunResult stored(RunStatus status, List<NodeRecord> records) {
    NodeRecord last = records.isEmpty() ? null : records.getLast();
    return switch (status) {
      case FINISHED -> new RunResult(status, answer(last), records, null, null);
      case STOPPED -> {
        NodeRecord asking =
            records.reversed().stream()
                .filter(record -> record.status() == RunStatus.STOPPED)
                .findFirst()
                .orElse(last);
        ObjectNode action = asking == null ? null : Questions.of(asking);
        yield new RunResult(status, answer(asking), records, action, null);
      }
      case ERROR, TERMINATED, TIMEOUT, INPROGRESS -> {
        String error = last == null ? "" : last.data().path("error").asString("");
        yield new RunResult(
            status,
            " ",
            records,
            null,
            error.isEmpty() ? "The run ended as " + status + "." : error);
      }
    };
  }

  /** Returns the text that a record answers with. */
  private static String answer(@Nullable NodeRecord record) {
    String text = record == null ? "" : JsonText.of(record.data().path("output").path("content"));
    return text.isEmpty() ? " " : text;
  }

  /** Returns the same result with another text. */
  RunResult withText(String other) {
    return other.equals(text)
        ? this
        : new RunResult(status, other, records, action, error, resumable, followUpPrompts);
  }

  /** Returns the same result with what the user may want to ask next. */
  RunResult withFollowUps(List<String> prompts) {
    return prompts.isEmpty()
        ? this
        : new RunResult(status, text, records, action, error, resumable, prompts);
  }

  /** Returns the records as {@code agentFlowExecutedData} of an answer. */
  public ArrayNode publicRecords() {
    var array = Json.array();
    records.forEach(record -> array.add(record.toJson()));
    return array;
  }
}
