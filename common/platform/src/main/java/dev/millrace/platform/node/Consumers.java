package dev.millrace.platform.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds queues whose jobs nobody takes. Thread-safe. */
public final class Consumers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Consumers.class);
  private static final Duration LOOK = Duration.ofSeconds(15);

  private final NodeRegistry registry;
  private final List<WatchedQueue> queues;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("consumers").factory());
  private Set<String> told = Set.of(); // only the timer's thread

  /**
   * A queue and who should take its jobs.
   *
   * @param name as people know it
   * @param service the key of the service that takes its jobs
   * @param waiting how many jobs wait
   * @param servedByOthers whether somebody takes them who is no node of ours, such as a Flowise
   *     worker
   */
  public record WatchedQueue(
      String name, String service, LongSupplier waiting, BooleanSupplier servedByOthers) {}

  public Consumers(NodeRegistry registry, List<WatchedQueue> queues) {
    this.registry = registry;
    this.queues = List.copyOf(queues);
  }

  /** Starts to look, and to say in the log what it finds. */
  public void watch() {
    var _ =
        timer.scheduleWithFixedDelay(
            this::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Returns a sentence for every queue that has no consumer now. */
  public List<String> warnings() {
    var served = new HashSet<String>();
    registry.live().forEach(node -> served.addAll(node.facts().services()));
    var warnings = new ArrayList<String>();
    for (var queue : queues) {
      if (!served.contains(queue.service()) && !queue.servedByOthers().getAsBoolean()) {
        warnings.add(
            "queue "
                + queue.name()
                + " has no consumer ("
                + queue.waiting().getAsLong()
                + " jobs wait): start a node that serves "
                + queue.service()
                + ", such as bin/start-worker");
      }
    }
    return warnings;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private void look() {
    try {
      var now = warnings();
      // The number of jobs changes all the time; which queue it is does not.
      var queues = new HashSet<String>();
      for (var warning : now) {
        var queue = warning.substring(0, warning.indexOf('('));
        queues.add(queue);
        if (!told.contains(queue)) {
          LOG.warn("{}", warning);
        }
      }
      told = queues;
    } catch (RuntimeException e) {
      LOG.debug("consumers could not be looked for", e);
    }
  }
}
