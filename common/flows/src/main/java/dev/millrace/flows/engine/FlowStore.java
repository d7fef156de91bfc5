package dev.millrace.flows.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;

/** What the engine reads of the past. Implementations are thread-safe and may block. */
public interface FlowStore {
  /**
   * Returns the stored conversation of a session with a flow, oldest first.
   *
   * @param run the run that asks: its own messages, of its earlier pauses, are left out
   */
  List<ChatTurn> history(String flowId, String sessionId, UUID run);

  /** Returns the newest earlier run of a session with a flow. */
  Optional<PreviousRun> previousRun(String flowId, String sessionId);

  /**
   * Returns the workspace's variables by name; those of type {@code runtime} already carry the
   * value of this process's environment variable of that name, or "".
   */
  Map<String, String> variables(String workspaceId);

  /**
   * An earlier run.
   *
   * @param executionId its execution row
   * @param status how it ended
   * @param records its {@code agentFlowExecutedData}
   */
  record PreviousRun(String executionId, RunStatus status, ArrayNode records) {}
}
