package dev.millrace.bullmq.telemetry;

import dev.millrace.bullmq.JobCounts;
import dev.millrace.bullmq.JobState;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.RedisUnavailableException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How many jobs a queue has in each state, as it was a moment ago, so that one look at all states
 * is one call. Thread-safe.
 */
final class QueueJobs {
  /** The states that a job can be in. */
  static final List<JobState> STATES =
      List.of(
          JobState.WAITING,
          JobState.ACTIVE,
          JobState.DELAYED,
          JobState.PRIORITIZED,
          JobState.WAITING_CHILDREN,
          JobState.COMPLETED,
          JobState.FAILED);

  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Queue queue;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable JobCounts latest;
  private long askedNanos;

  QueueJobs(Queue queue) {
    this.queue = queue;
  }

  String queueName() {
    return queue.name();
  }

  /** Returns how many jobs are in a state; empty while Redis is away. */
  OptionalLong in(JobState state) {
    lock.lock();
    try {
      var now = System.nanoTime();
      var counts = latest;
      if (counts == null || now - askedNanos > FRESH_NANOS) {
        counts = queue.counts();
        latest = counts;
        askedNanos = now;
      }
      return OptionalLong.of(counts.of(state));
    } catch (RedisUnavailableException e) {
      return OptionalLong.empty();
    } finally {
      lock.unlock();
    }
  }
}
