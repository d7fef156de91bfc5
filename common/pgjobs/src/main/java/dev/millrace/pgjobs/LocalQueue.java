package dev.millrace.pgjobs;

import java.time.Duration;

/**
 * Jobs that a runner fetches ahead, many in one statement. Good for very many short jobs; the price
 * is that jobs with a higher priority that come later wait behind those that were fetched.
 *
 * @param size how many are held ready at most, at least the concurrency
 * @param ttl how long they are held before they are given back
 */
public record LocalQueue(int size, Duration ttl) {
  private static final int MAX_SIZE = 10_000;

  public LocalQueue {
    if (size < 1 || size > MAX_SIZE) {
      throw new IllegalArgumentException("size must be 1 to %d, not %d".formatted(MAX_SIZE, size));
    }
    if (!ttl.isPositive()) {
      throw new IllegalArgumentException("ttl must be positive");
    }
  }

  /** Returns a queue of that size that holds its jobs for five minutes at most. */
  public static LocalQueue of(int size) {
    return new LocalQueue(size, Duration.ofMinutes(5));
  }

  /** Returns one that gives its jobs back after that time. */
  public LocalQueue withTtl(Duration value) {
    return new LocalQueue(size, value);
  }
}
