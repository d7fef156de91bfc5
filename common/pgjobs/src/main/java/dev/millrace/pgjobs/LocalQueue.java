package dev.millrace.pgjobs;

import java.time.Duration;

/**
 * Jobs that a runner fetches ahead, many in one statement. Good for very many short jobs; the price
 * is that jobs with a higher priority that come later wait behind those that were fetched.
 *
 * @param size how many are held ready at most, at least the concurrency
 * @param ttl how long they are held before they are given back
 * @param refetchDelay about how long to wait after a fetch that brought few jobs; zero not to
 * @param refetchThreshold how many are few
 */
public record LocalQueue(int size, Duration ttl, Duration refetchDelay, int refetchThreshold) {
  private static final int MAX_SIZE = 10_000;

  public LocalQueue {
    if (size < 1 || size > MAX_SIZE) {
      throw new IllegalArgumentException("size must be 1 to %d, not %d".formatted(MAX_SIZE, size));
    }
    if (!ttl.isPositive() || refetchDelay.isNegative() || refetchThreshold < 0) {
      throw new IllegalArgumentException("ttl must be positive, the others not negative");
    }
  }

  /** Returns a queue of that size with graphile-worker's other settings. */
  public static LocalQueue of(int size) {
    return new LocalQueue(size, Duration.ofMinutes(5), Duration.ofMillis(100), 0);
  }

  /** Returns one that waits about that long after a fetch that brought nothing. */
  public LocalQueue withRefetchDelay(Duration value, int threshold) {
    return new LocalQueue(size, ttl, value, threshold);
  }

  /** Returns one that gives its jobs back after that time. */
  public LocalQueue withTtl(Duration value) {
    return new LocalQueue(size, value, refetchDelay, refetchThreshold);
  }
}
