package dev.millrace.flows.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a run ended.
 *
 * @param status FINISHED, STOPPED, ERROR or TERMINATED
 * @param text the answer: the content of the last executed record, " " when it has none
 * @param records every executed node, in the order in which they finished
 * @param action what a human is asked, when STOPPED
 * @param error the message for the client, when ERROR or TERMINATED
 */
public record RunResult(
    RunStatus status,
    String text,
    List<NodeRecord> records,
    @Nullable ObjectNode action,
    @Nullable String error) {
  public RunResult {
    records = List.copyOf(records);
  }
}
