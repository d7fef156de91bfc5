package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
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
 */
public record RunResult(
    RunStatus status,
    String text,
    List<NodeRecord> records,
    @Nullable ObjectNode action,
    @Nullable String error,
    boolean resumable) {
  public RunResult {
    records = List.copyOf(records);
  }

  public RunResult(
      RunStatus status,
      String text,
      List<NodeRecord> records,
      @Nullable ObjectNode action,
      @Nullable String error) {
    this(status, text, records, action, error, status == RunStatus.STOPPED);
  }

  /** Returns the records as {@code agentFlowExecutedData} of an answer. */
  public ArrayNode publicRecords() {
    var array = Json.array();
    records.forEach(record -> array.add(record.toJson()));
    return array;
  }
}
