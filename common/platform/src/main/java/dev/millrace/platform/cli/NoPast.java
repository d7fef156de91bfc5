package dev.millrace.platform.cli;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A run that nothing was before. */
record NoPast(Map<String, String> variables) implements FlowStore {
  @Override
  public List<ChatTurn> history(String flowId, String sessionId, UUID run) {
    return List.of();
  }

  @Override
  public Optional<PreviousRun> previousRun(String flowId, String sessionId) {
    return Optional.empty();
  }

  @Override
  public Map<String, String> variables(String workspaceId) {
    return variables;
  }

  @Override
  public Optional<StoredTool> tool(String id, String workspaceId) {
    return Optional.empty();
  }

  @Override
  public Optional<StoredDocuments> documents(String id, String workspaceId) {
    return Optional.empty();
  }

  @Override
  public List<StoredPiece> pieces(String storeId, int from, int limit) {
    return List.of();
  }
}
