package dev.millrace.server.dashboard;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A queue as the list of queues shows it.
 *
 * @param counts jobs by state, for all states of {@link BoardQueue#states}
 * @param concurrency how many jobs may be active at once; null if that is not limited
 * @param limitedMillis for how long no job may start by a rate limit; 0 if none holds
 * @param schedulers how many job schedulers it has
 * @param hasWorkers whether anybody takes its jobs; null if that cannot be known
 */
public record QueueSummary(
    BoardQueue queue,
    Map<String, Long> counts,
    boolean paused,
    @Nullable Long concurrency,
    long limitedMillis,
    long schedulers,
    @Nullable Boolean hasWorkers) {
  public QueueSummary {
    counts = Map.copyOf(counts);
  }

  /** Returns how many jobs are in a state; 0 for states that the queue does not have. */
  long count(String state) {
    return counts.getOrDefault(state, 0L);
  }
}
