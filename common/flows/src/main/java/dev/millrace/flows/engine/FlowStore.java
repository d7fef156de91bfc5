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

  /** Returns a tool that users of a workspace wrote and stored. */
  Optional<StoredTool> tool(String id, String workspaceId);

  /** Returns a document store of a workspace. */
  Optional<StoredDocuments> documents(String id, String workspaceId);

  /**
   * Returns pieces of a document store's text, in their order.
   *
   * @param from how many to leave out
   * @param limit how many at most
   */
  List<StoredPiece> pieces(String storeId, int from, int limit);

  /**
   * A stored tool.
   *
   * @param name of the function
   * @param description for the model
   * @param schema JSON: rows of {@code {property, type, description, required}}; may be ""
   * @param code the body of a JavaScript function; may be ""
   */
  record StoredTool(String name, String description, String schema, String code) {}

  /**
   * A document store.
   *
   * @param name as users see it
   * @param description what is in it
   * @param vectorStore JSON {@code {name, config}} of where its vectors are; may be ""
   * @param embedding JSON {@code {name, config}} of what made them; may be ""
   */
  record StoredDocuments(
      String id, String name, String description, String vectorStore, String embedding) {}

  /**
   * A piece of a document.
   *
   * @param metadata a JSON object; may be ""
   */
  record StoredPiece(String text, String metadata) {}

  /**
   * An earlier run.
   *
   * @param executionId its execution row
   * @param status how it ended
   * @param records its {@code agentFlowExecutedData}
   */
  record PreviousRun(String executionId, RunStatus status, ArrayNode records) {}
}
