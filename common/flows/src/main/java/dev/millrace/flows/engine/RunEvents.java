package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Brings the events of a run into one order. Answers of parallel nodes do not mix: while one node
 * streams, what the others stream waits its turn, in the order in which they began. Thread-safe.
 */
final class RunEvents {
  private final EventSink sink;
  private final boolean heard;
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Stream> waiting = new ArrayDeque<>(); // guarded by lock
  private @Nullable Stream speaking; // guarded by lock
  private final boolean deltas;
  private List<Trail.Told> sent = List.of(); // of the run's own thread

  private RunEvents(EventSink sink, boolean deltas) {
    this.sink = sink;
    this.heard = !sink.equals(EventSink.NONE);
    this.deltas = deltas;
  }

  static RunEvents of(RunRequest request, EventSink sink) {
    return new RunEvents(
        request.streaming() ? sink : EventSink.NONE,
        request.sent().path("events").asString("").equals("delta"));
  }

  boolean heard() {
    return heard;
  }

  /** The run as a whole changed its status. */
  void run(RunStatus status) {
    if (heard()) {
      emit(new FlowEvent("agentFlowEvent", Json.text(status.name())));
    }
  }

  /** A node began or ended. */
  void node(FlowNode node, RunStatus status, @Nullable String error) {
    if (!heard()) {
      return;
    }
    ObjectNode data = Json.object();
    data.put("nodeId", node.id()).put("nodeLabel", node.label()).put("status", status.name());
    if (error != null) {
      data.put("error", error);
    }
    emit(new FlowEvent("nextAgentFlow", data));
  }

  /**
   * Everything that was executed so far; for a client that asked for deltas only what it has not
   * got: {@code {from, records}}, where {@code records} replace all that it has from there on.
   */
  void executed(List<Trail.Told> story) {
    if (!heard()) {
      return;
    }
    if (!deltas) {
      emit(new FlowEvent("agentFlowExecutedData", json(story)));
      return;
    }
    int same = 0;
    while (same < sent.size() && same < story.size() && sent.get(same).equals(story.get(same))) {
      same++;
    }
    ObjectNode delta = Json.object().put("from", same);
    delta.set("records", json(story.subList(same, story.size())));
    sent = List.copyOf(story);
    emit(new FlowEvent("agentFlowExecutedDelta", delta));
  }

  /** A human is asked. */
  void action(ObjectNode action) {
    if (heard()) {
      emit(new FlowEvent("action", action));
    }
  }

  private static ArrayNode json(List<Trail.Told> story) {
    var records = Json.array();
    story.forEach(told -> records.add(told.record().toJson()));
    return records;
  }

  /** Returns where one execution of a node emits what it streams; to be closed when it ended. */
  Stream stream() {
    return new Stream();
  }

  private void emit(FlowEvent event) {
    lock.lock();
    try {
      sink.emit(event);
    } finally {
      lock.unlock();
    }
  }

  /** The stream of one execution. */
  final class Stream implements NodeEvents, AutoCloseable {
    private final Queue<FlowEvent> held = new ArrayDeque<>(); // guarded by lock
    private boolean waits; // guarded by lock
    private boolean closed; // guarded by lock

    @Override
    public boolean heard() {
      return heard;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a stream is itself only
    public void emit(FlowEvent event) {
      if (!heard()) {
        return;
      }
      lock.lock();
      try {
        if (speaking == null) {
          speaking = this;
        }
        if (speaking == this) {
          sink.emit(event);
          return;
        }
        held.add(event);
        if (!waits) {
          waits = true;
          waiting.add(this);
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a stream is itself only
    public void close() {
      if (!heard()) {
        return;
      }
      lock.lock();
      try {
        closed = true;
        while (speaking != null && speaking.closed) {
          speaking = waiting.poll();
          if (speaking != null) {
            speaking.held.forEach(sink::emit);
            speaking.held.clear();
          }
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
