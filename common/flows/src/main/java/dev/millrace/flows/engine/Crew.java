package dev.millrace.flows.engine;

import dev.millrace.flows.engine.Execution.End;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of one run that work at this moment, each on a virtual thread. To be used by the run's
 * own thread only.
 */
final class Crew {
  private static final Duration LOOK = Duration.ofSeconds(1);

  private record Worker(Execution execution, Thread thread) {}

  private final Map<Integer, Worker> working = new LinkedHashMap<>(); // by number of execution
  private final BlockingQueue<End> ends = new LinkedBlockingQueue<>(); // one per worker at most
  private final Function<Execution, End> work;
  private final Cancellation cancellation;
  private final Duration grace;
  private boolean interrupted;
  private long deadline; // System.nanoTime; 0 until the cancellation was noticed

  Crew(Function<Execution, End> work, Cancellation cancellation, Duration grace) {
    this.work = work;
    this.cancellation = cancellation;
    this.grace = grace;
  }

  int size() {
    return working.size();
  }

  void start(Execution execution) {
    Thread thread =
        Thread.ofVirtual()
            .name("flow-node-" + execution.node().id())
            .unstarted(() -> ends.add(work.apply(execution)));
    working.put(execution.number(), new Worker(execution, thread));
    thread.start();
  }

  /** Tells whether an execution that began earlier than this one still works. */
  boolean hasOlder(Execution execution) {
    return working.keySet().stream().anyMatch(number -> number < execution.number());
  }

  /**
   * Waits for the next end. After a cancellation it waits no longer than the grace period, then
   * interrupts what still works and counts it as cancelled.
   */
  End next() {
    while (true) {
      End end = poll();
      if (end != null && working.remove(end.execution().number()) != null) {
        return end;
      }
      if (end == null && overdue()) {
        return abandoned();
      }
    }
  }

  /** Tells whether the run's thread was interrupted while it waited; the run then ends. */
  boolean wasInterrupted() {
    return interrupted;
  }

  private @Nullable End poll() {
    try {
      Duration wait = cancellation.isCancelled() && grace.compareTo(LOOK) < 0 ? grace : LOOK;
      return ends.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      // The flag goes back up when the run has ended in order.
      interrupted = true;
      cancellation.cancel("the thread of the run was interrupted");
      return null;
    }
  }

  private boolean overdue() {
    if (!cancellation.isCancelled()) {
      return false;
    }
    long now = System.nanoTime();
    if (deadline == 0) {
      deadline = now + grace.toNanos();
    }
    return now - deadline >= 0;
  }

  private End abandoned() {
    Worker oldest = working.values().iterator().next();
    oldest.thread().interrupt();
    working.remove(oldest.execution().number());
    return oldest.execution().abandoned();
  }
}
