package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run has executed so far, told in the order in which nodes run one at a time, so that a
 * story does not depend on which branch was faster. Not thread-safe.
 */
final class Trail {
  /** Where a node left off. */
  sealed interface Outcome {
    /** Returns the state and the conversation after it. */
    PathState after();

    record Went(Taken taken, PathState after) implements Outcome {}

    record LoopedBack(int target, PathState after) implements Outcome {}

    /** Returns where a journalled execution left off, null when it failed or waits. */
    static @Nullable Outcome of(JournalEntry.Outcome kept, PathState after, Canvas canvas) {
      return switch (kept) {
        case JournalEntry.Outcome.Done(var outputs, var error) ->
            new Went(new Taken(outputs, error), after);
        case JournalEntry.Outcome.LoopedBack(var target) ->
            new LoopedBack(canvas.graph().indexOf(target), after);
        case JournalEntry.Outcome.Paused _, JournalEntry.Outcome.Failed _ -> null;
      };
    }
  }

  /**
   * A record and where it stands in the journal.
   *
   * @param key of its execution
   */
  record Told(String key, NodeRecord record) {}

  /**
   * What one execution left.
   *
   * @param outcome null when it failed, was cancelled or waits
   * @param told the records of the nodes inside it, then its own if it has one
   */
  private record Entry(@Nullable Outcome outcome, List<Told> told) {}

  private final Canvas canvas;
  private final List<List<Entry>> byNode;
  private List<Told> story = new ArrayList<>();
  private boolean overtaken;

  Trail(Canvas canvas) {
    this.canvas = canvas;
    this.byNode = new ArrayList<>();
    for (int node = 0; node < canvas.size(); node++) {
      byNode.add(new ArrayList<>(1));
    }
  }

  /**
   * Adds what just ended.
   *
   * @param outcome null when it failed, was cancelled or waits
   * @param told the records of the nodes inside it, then its own if it has one
   * @param overtook whether something that began earlier is still at work
   */
  void add(int node, @Nullable Outcome outcome, List<Told> told, boolean overtook) {
    byNode.get(node).add(new Entry(outcome, told));
    story.addAll(told);
    overtaken |= overtook;
  }

  /** Takes back that a node waits, for it now goes on. */
  void forgetLast(int node) {
    byNode.get(node).removeLast();
    overtaken = true;
  }

  /** Returns the state after the latest execution of a node. */
  PathState after(int node) {
    List<Entry> entries = byNode.get(node);
    Outcome outcome = entries.isEmpty() ? null : entries.getLast().outcome();
    return outcome == null ? PathState.EMPTY : outcome.after();
  }

  /** Returns what was told, in order; not to be changed, and valid until the next one is added. */
  List<Told> told() {
    if (overtaken) {
      story = replayed();
    }
    return story;
  }

  /** Returns what belongs to records, by their keys, in their order. */
  <T> Map<String, T> inOrder(Map<String, T> byKey) {
    var ordered = new LinkedHashMap<String, T>();
    for (Told told : told()) {
      T value = byKey.get(told.key());
      if (value != null) {
        ordered.put(told.key(), value);
      }
    }
    return ordered;
  }

  /** As {@link #told}, without keys. */
  List<NodeRecord> records() {
    return told().stream().map(Told::record).toList();
  }

  /**
   * Gives the last record the state that all branches together have reached: the next run of a
   * session with persistent state looks there.
   */
  List<NodeRecord> closedWith(PathState reached) {
    var records = new ArrayList<>(records());
    if (!records.isEmpty()) {
      NodeRecord last = records.removeLast();
      ObjectNode data = last.data();
      if (!reached.state().equals(data.get("state"))) {
        data = Json.shallowCopy(data);
        data.set("state", reached.state());
      }
      records.add(
          new NodeRecord(
              last.nodeId(), last.nodeLabel(), data, last.previousNodeIds(), last.status()));
    }
    return records;
  }

  /** Runs the flow again on paper, one node at a time, with the outcomes that are known. */
  private List<Told> replayed() {
    var ordered = new ArrayList<Told>();
    var visits = new int[canvas.size()];
    Queue<Integer> queue = new ArrayDeque<>();
    var replay = new Tokens(canvas, (loop, region) -> {});
    replay.start(queue::add);
    for (Integer node = queue.poll(); node != null; node = queue.poll()) {
      List<Entry> entries = byNode.get(node);
      if (visits[node] == entries.size()) {
        continue;
      }
      Entry entry = entries.get(visits[node]++);
      ordered.addAll(entry.told());
      switch (entry.outcome()) {
        case null -> {}
        case Outcome.Went(var taken, _) -> replay.done(node, taken, queue::add);
        case Outcome.LoopedBack(var target, _) -> replay.loopedBack(node, target, queue::add);
      }
    }
    return ordered;
  }
}
