package dev.millrace.flows.fakes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A past that a test makes up.
 *
 * @param turns the conversation so far
 * @param variables of the workspace
 * @param previous the run before, null for none
 * @param library stored tools and documents
 */
public record FakeStore(
    List<ChatTurn> turns,
    Map<String, String> variables,
    @Nullable PreviousRun previous,
    Library library)
    implements FlowStore {
  /** Stored tools and documents by id; every document store has the same pieces. */
  public record Library(
      Map<String, StoredTool> tools,
      Map<String, StoredDocuments> documents,
      List<StoredPiece> pieces) {
    public static final Library EMPTY = new Library(Map.of(), Map.of(), List.of());
  }

  public static final FakeStore EMPTY = new FakeStore(List.of(), Map.of(), null);

  public FakeStore(
      List<ChatTurn> turns, Map<String, String> variables, @Nullable PreviousRun previous) {
    this(turns, variables, previous, Library.EMPTY);
  }

  public static FakeStore of(Library library) {
    return new FakeStore(List.of(), Map.of(), null, library);
  }

  @Override
  public List<ChatTurn> history(String flowId, String sessionId, UUID run) {
    return turns;
  }

  @Override
  public Optional<PreviousRun> previousRun(String flowId, String sessionId) {
    return Optional.ofNullable(previous);
  }

  @Override
  public Map<String, String> variables(String workspaceId) {
    return variables;
  }

  @Override
  public Optional<StoredTool> tool(String id, String workspaceId) {
    return Optional.ofNullable(library.tools().get(id));
  }

  @Override
  public Optional<StoredDocuments> documents(String id, String workspaceId) {
    return Optional.ofNullable(library.documents().get(id));
  }

  @Override
  public List<StoredPiece> pieces(String storeId, int from, int limit) {
    List<StoredPiece> all = library.pieces();
    return all.subList(Math.min(from, all.size()), Math.min(from + limit, all.size()));
  }
}
