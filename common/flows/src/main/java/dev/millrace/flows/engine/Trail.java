package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run has executed so far, in the order in which it would have happened one node at a time,
 * however fast parallel branches really were. Not thread-safe.
 */
final class Trail {
  /**
   * How a node left off.
   *
   * @param outputs which of its outputs were chosen, null when it has only one
   * @param after the state and the conversation after it
   */
  record Outcome(@Nullable List<Boolean> outputs, PathState after) {}

  private record Entry(@Nullable Outcome outcome, NodeRecord record) {}

  private final CompiledFlow flow;
  private final @Nullable Entry[] byNode;
  private List<NodeRecord> records = new ArrayList<>();
  private boolean overtaken;

  Trail(CompiledFlow flow) {
    this.flow = flow;
    this.byNode = new @Nullable Entry[flow.graph().size()];
  }

  /**
   * Adds what just ended.
   *
   * @param outcome null when it failed
   * @param overtook whether something that began earlier is still at work
   */
  void add(int node, @Nullable Outcome outcome, NodeRecord record, boolean overtook) {
    byNode[node] = new Entry(outcome, record);
    records.add(record);
    overtaken |= overtook;
  }

  /** Returns the state after a node. */
  PathState after(int node) {
    Entry entry = byNode[node];
    Outcome outcome = entry == null ? null : entry.outcome();
    return outcome == null ? PathState.EMPTY : outcome.after();
  }

  /** Returns the records in order; not to be changed, and valid until the next one is added. */
  List<NodeRecord> records() {
    if (overtaken) {
      records = replayed();
    }
    return records;
  }

  /**
   * Gives the last record the state that all branches together have reached: the next run of a
   * session with persistent state looks there.
   */
  void closeWith(PathState reached) {
    List<NodeRecord> ordered = records();
    if (ordered.isEmpty()) {
      return;
    }
    NodeRecord last = ordered.getLast();
    if (reached.state().equals(last.data().get("state"))) {
      return;
    }
    ObjectNode data = Json.shallowCopy(last.data());
    data.set("state", reached.state());
    int index = flow.graph().indexOf(last.nodeId());
    Entry entry = byNode[index];
    var closed =
        new NodeRecord(
            last.nodeId(), last.nodeLabel(), data, last.previousNodeIds(), last.status());
    byNode[index] = new Entry(entry == null ? null : entry.outcome(), closed);
    ordered.set(ordered.size() - 1, closed);
  }

  /** Runs the flow again on paper, one node at a time, with the outcomes that are known. */
  private List<NodeRecord> replayed() {
    var ordered = new ArrayList<NodeRecord>();
    Queue<Integer> queue = new ArrayDeque<>();
    var replay = new Tokens(flow);
    replay.start(queue::add);
    for (Integer node = queue.poll(); node != null; node = queue.poll()) {
      Entry entry = byNode[node];
      if (entry != null) {
        ordered.add(entry.record());
        Outcome outcome = entry.outcome();
        if (outcome != null) {
          replay.done(node, outcome.outputs(), queue::add);
        }
      }
    }
    return ordered;
  }
}
