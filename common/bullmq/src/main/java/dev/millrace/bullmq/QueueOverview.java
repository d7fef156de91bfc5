package dev.millrace.bullmq;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a list of queues says of one.
 *
 * @param concurrency how many jobs may be active in all workers together; null if not limited
 * @param rateLimit how many jobs may start in a time, in all workers together; null if not limited
 * @param limited for how long no job may start by that limit; zero if it does not hold now
 * @param schedulers how many job schedulers it has
 */
public record QueueOverview(
    String queue,
    JobCounts counts,
    boolean paused,
    @Nullable Long concurrency,
    WorkerOptions.@Nullable RateLimit rateLimit,
    Duration limited,
    long schedulers) {

  /** Reads a row of {@code overview.lua}. */
  static QueueOverview read(String queue, List<?> row) {
    var counts =
        new JobCounts(
            (Long) row.get(0),
            (Long) row.get(1),
            (Long) row.get(2),
            (Long) row.get(3),
            (Long) row.get(4),
            (Long) row.get(5),
            (Long) row.get(6));
    return new QueueOverview(
        queue,
        counts,
        row.get(7).equals(1L),
        QueueMeta.number(String.valueOf(row.get(8))),
        rateLimit(String.valueOf(row.get(9)), String.valueOf(row.get(10))).orElse(null),
        Duration.ofMillis((Long) row.get(11)),
        (Long) row.get(12));
  }

  private static Optional<WorkerOptions.RateLimit> rateLimit(String max, String duration) {
    var jobs = QueueMeta.number(max);
    var millis = QueueMeta.number(duration);
    // Any client may have written them.
    return jobs == null || millis == null || jobs < 1 || millis < 1
        ? Optional.empty()
        : Optional.of(new WorkerOptions.RateLimit(jobs, Duration.ofMillis(millis)));
  }
}
