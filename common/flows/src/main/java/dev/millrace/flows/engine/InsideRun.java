package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the inside of a container once for every item: one after the other, each seeing the state
 * that the one before it left; or several at a time, all of them seeing the state before the first.
 * No item sees another's conversation. To be used once, by the container's own thread.
 */
final class InsideRun {
  /** How one item ended. */
  private record Ended(CanvasRun run, Inside.Result result) {}

  private final NodeContext container;
  private final RunContext run;
  private final Canvas canvas;
  private final String key;
  private final List<JsonNode> values;
  private final AtomicReferenceArray<@Nullable Ended> ended;

  /**
   * @param key of the container's execution
   */
  InsideRun(
      NodeContext container, RunContext run, Canvas canvas, String key, List<JsonNode> values) {
    this.container = container;
    this.run = run;
    this.canvas = canvas;
    this.key = key;
    this.values = values;
    this.ended = new AtomicReferenceArray<>(values.size());
  }

  /**
   * Runs it.
   *
   * @param before the state it begins with
   * @param atOnce how many items may run at a time
   * @param stopAtError whether no item is begun after one failed
   * @return the state after it
   * @throws InsidePausedException when something inside asks a human
   */
  PathState execute(PathState before, int atOnce, boolean stopAtError, Cancellation cancellation) {
    PathState state = before.withHistory(List.of());
    if (atOnce <= 1) {
      for (int index = 0; index < values.size(); index++) {
        Ended item = item(index, state, cancellation);
        state = item.run().reached().withHistory(List.of());
        if (!item.run().questions().isEmpty() || (stopAtError && item.result().error() != null)) {
          break;
        }
      }
    } else {
      together(state, Math.min(atOnce, values.size()), stopAtError, cancellation);
      var states = new ArrayList<PathState>();
      forEachEnded(item -> states.add(item.run().reached().withHistory(List.of())));
      state = states.isEmpty() ? state : PathState.merged(states);
    }
    cancellation.throwIfCancelled();
    var questions = new LinkedHashMap<String, ObjectNode>();
    forEachEnded(item -> questions.putAll(item.run().questions()));
    if (!questions.isEmpty()) {
      throw new InsidePausedException(questions);
    }
    return state;
  }

  /** Returns the records of all items, in their order. */
  List<Trail.Told> told() {
    var told = new ArrayList<Trail.Told>();
    forEachEnded(item -> told.addAll(item.run().trail().told()));
    return told;
  }

  List<Inside.Result> results() {
    var results = new ArrayList<Inside.Result>();
    forEachEnded(item -> results.add(item.result()));
    return results;
  }

  private void forEachEnded(Consumer<Ended> action) {
    for (int index = 0; index < ended.length(); index++) {
      Ended item = ended.get(index);
      if (item != null) {
        action.accept(item);
      }
    }
  }

  private void together(
      PathState state, int atOnce, boolean stopAtError, Cancellation cancellation) {
    var next = new AtomicInteger();
    var stopped = new AtomicBoolean();
    try (var child = cancellation.child()) {
      var threads = new ArrayList<Thread>();
      for (int lane = 0; lane < atOnce; lane++) {
        threads.add(
            Thread.ofVirtual()
                .name("flow-item-" + container.node().id() + "-" + lane)
                .start(() -> {
                  int index = next.getAndIncrement();
                  while (index < values.size() && !stopped.get() && !child.token().isCancelled()) {
                    Ended item = item(index, state, child.token());
                    if (stopAtError && item.result().error() != null) {
                      stopped.set(true);
                    }
                    index = next.getAndIncrement();
                  }
                }));
      }
      join(threads, child.token());
    }
  }

  /** Every item ends: cancelled ones after the grace period of their nodes. */
  private static void join(List<Thread> threads, Cancellation token) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
          token.cancel("the thread of the container was interrupted");
          threads.forEach(Thread::interrupt);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Ended item(int index, PathState state, Cancellation cancellation) {
    var item =
        new Item(container.node().id(), index, values.get(index), index == values.size() - 1);
    // What fails in one item ends its branches, and nobody else's.
    try (var child = cancellation.child()) {
      var canvasRun =
          new CanvasRun(Site.inside(container, run, canvas, key, item), state, child.token());
      canvasRun.execute();
      child.token().cancel("the item has ended");
      var result = new Ended(canvasRun, result(canvasRun));
      ended.set(index, result);
      return result;
    }
  }

  private static Inside.Result result(CanvasRun item) {
    List<Trail.Told> told = item.trail().told();
    JsonNode content =
        told.isEmpty() ? null : told.getLast().record().data().path("output").get("content");
    boolean nothing =
        content == null
            || content.isNull()
            || (content.isString() && content.stringValue().isEmpty());
    return new Inside.Result(content == null || nothing ? Json.text(" ") : content, item.failure());
  }
}
