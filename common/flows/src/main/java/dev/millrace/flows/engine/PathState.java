package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The flow's state and the conversation of this run as they are at one place of one path, so that
 * parallel branches do not see each other's. Immutable.
 */
final class PathState {
  /** A value of a key, and the one it replaced, which tells at a join which of two is newer. */
  private record Cell(JsonNode value, int depth, @Nullable Cell replaced) {
    boolean replaces(Cell other) {
      Cell at = this;
      while (at != null && at.depth > other.depth) {
        at = at.replaced;
      }
      return isSame(at, other);
    }
  }

  static final PathState EMPTY = new PathState(Map.of(), List.of());

  private final Map<String, Cell> cells;
  private final List<ChatTurn> history;
  private final ObjectNode state;

  private PathState(Map<String, Cell> cells, List<ChatTurn> history) {
    this.cells = cells;
    this.history = history;
    this.state = Json.object();
    cells.forEach((key, cell) -> state.set(key, cell.value()));
  }

  /** Returns a beginning with a state and without a conversation. */
  static PathState of(ObjectNode state) {
    return EMPTY.after(state, List.of());
  }

  /** Returns the same state with another conversation. */
  PathState withHistory(List<ChatTurn> other) {
    return new PathState(cells, List.copyOf(other));
  }

  /** Returns the state; not to be changed. */
  ObjectNode state() {
    return state;
  }

  /** Returns the messages of this run so far. */
  List<ChatTurn> history() {
    return history;
  }

  /** Returns what is reached after an execution that was journalled. */
  PathState after(JournalEntry entry) {
    return after(
        entry.record().data().get("state") instanceof ObjectNode state ? state : null,
        entry.messages());
  }

  /**
   * Returns what follows when a node changed the state and said something.
   *
   * @param changed the whole new state, null when it is the same
   */
  PathState after(@Nullable ObjectNode changed, List<ChatTurn> messages) {
    if (changed == null && messages.isEmpty()) {
      return this;
    }
    var next = cells;
    if (changed != null) {
      next = new LinkedHashMap<>(cells);
      for (var entry : changed.properties()) {
        Cell old = cells.get(entry.getKey());
        if (old == null || !old.value().equals(entry.getValue())) {
          int depth = old == null ? 0 : old.depth() + 1;
          next.put(entry.getKey(), new Cell(entry.getValue(), depth, old));
        }
      }
    }
    var all = history;
    if (!messages.isEmpty()) {
      all = new ArrayList<>(history);
      all.addAll(messages);
    }
    return new PathState(next, Collections.unmodifiableList(all));
  }

  /**
   * Returns what a join sees: all messages, those of earlier paths first; of each key the newer
   * value, and that of the later path when both changed it.
   */
  static PathState merged(List<PathState> paths) {
    if (paths.isEmpty()) {
      return EMPTY;
    }
    PathState merged = paths.getFirst();
    for (PathState path : paths.subList(1, paths.size())) {
      merged = merged == path ? merged : merge(merged, path);
    }
    return merged;
  }

  private static PathState merge(PathState first, PathState second) {
    var cells = new LinkedHashMap<>(first.cells);
    second.cells.forEach(
        (key, cell) -> cells.merge(key, cell, (mine, its) -> mine.replaces(its) ? mine : its));
    var seen = Collections.newSetFromMap(new IdentityHashMap<ChatTurn, Boolean>());
    seen.addAll(first.history);
    var history = new ArrayList<>(first.history);
    second.history.stream()
        .filter(turn -> seen.add(turn) && !isTold(turn, first.history))
        .forEach(history::add);
    return new PathState(cells, Collections.unmodifiableList(history));
  }

  /** After a pause one of two paths may hold a message as the store has it. */
  private static boolean isTold(ChatTurn turn, List<ChatTurn> history) {
    return history.stream()
        .anyMatch(other ->
            other.stored() != turn.stored()
                && other.role().equals(turn.role())
                && other.content().equals(turn.content()));
  }

  @SuppressWarnings("ReferenceEquality") // two cells may hold equal values
  private static boolean isSame(@Nullable Cell one, Cell other) {
    return one == other;
  }
}
