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
 */
public record FakeStore(
    List<ChatTurn> turns, Map<String, String> variables, @Nullable PreviousRun previous)
    implements FlowStore {
  public static final FakeStore EMPTY = new FakeStore(List.of(), Map.of(), null);

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
}
