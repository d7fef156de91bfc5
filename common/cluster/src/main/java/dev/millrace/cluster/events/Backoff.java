package dev.millrace.cluster.events;

import java.time.Duration;

/**
 * How long an event waits before it is tried again.
 *
 * @param first after the first failure
 * @param doubling whether it is twice as long after each further one, an hour at most
 */
public record Backoff(Duration first, boolean doubling) {
  private static final Duration LONGEST = Duration.ofHours(1);

  public Backoff {
    if (first.isNegative()) {
      throw new IllegalArgumentException("a backoff must not be negative: " + first);
    }
  }

  public static Backoff fixed(Duration delay) {
    return new Backoff(delay, false);
  }

  public static Backoff exponential(Duration first) {
    return new Backoff(first, true);
  }

  /** Returns the wait after failure number {@code failures}, which is 1 or more. */
  public Duration after(int failures) {
    if (!doubling || first.isZero()) {
      return first;
    }
    var factor = 1L << Math.min(failures - 1, 30);
    var longest = LONGEST.compareTo(first) < 0 ? first : LONGEST;
    return first.compareTo(longest.dividedBy(factor)) > 0 ? longest : first.multipliedBy(factor);
  }
}
