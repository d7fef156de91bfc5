package dev.millrace.platform.prediction;

import dev.millrace.bullmq.BullMqException;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.WorkerInfo;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether all workers of a queue are ours, from the names of the connections that Redis
 * lists.
 *
 * <p>Thread-safe; never waits. It asks while it is asked, so that an idle server costs nothing.
 */
public final class FleetWatch {
  /** What our workers call themselves, in {@code CLIENT LIST} and in the jobs they take. */
  public static final String NAME = "millrace";

  private static final Logger LOG = LoggerFactory.getLogger(FleetWatch.class);
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long STALE_NANOS = Duration.ofSeconds(5).toNanos();

  private final Queue queue;
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile Seen last = new Seen(false, System.nanoTime() - STALE_NANOS);

  private record Seen(boolean onlyOurs, long atNanos) {}

  public FleetWatch(Queue queue) {
    this.queue = queue;
  }

  /**
   * Returns whether ours were the queue's only workers some seconds ago. False while that is not
   * known, as with a Redis that does not list its clients.
   */
  boolean onlyOurs() {
    var seen = last;
    var age = System.nanoTime() - seen.atNanos();
    if (age > FRESH_NANOS && asking.compareAndSet(false, true)) {
      Thread.ofVirtual().name("fleet-watch").start(this::ask);
    }
    return seen.onlyOurs() && age < STALE_NANOS;
  }

  private void ask() {
    try {
      last = new Seen(areOurs(queue.workers()), System.nanoTime());
    } catch (BullMqException e) {
      LOG.debug("the workers of {} are not known", queue.name(), e);
    } finally {
      asking.set(false);
    }
  }

  private static boolean areOurs(List<WorkerInfo> workers) {
    return !workers.isEmpty() && workers.stream().allMatch(worker -> worker.name().equals(NAME));
  }
}
