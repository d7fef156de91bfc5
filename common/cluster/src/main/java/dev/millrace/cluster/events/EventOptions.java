package dev.millrace.cluster.events;

import java.time.Duration;

/**
 * How an event is handled.
 *
 * @param timeout how long one attempt may take before its signal is cancelled, its thread
 *     interrupted, and the attempt counts as failed; a processor that goes on all the same keeps
 *     its slot
 * @param maxRetries how often it is tried again after a failure
 * @param backoff how long after one
 * @param delay how long it waits before it may be handled at all
 */
public record EventOptions(Duration timeout, int maxRetries, Backoff backoff, Duration delay) {
  /** 15 s for its only attempt; 500 ms before each other, if it gets any. */
  public static final EventOptions DEFAULT =
      new EventOptions(
          Duration.ofSeconds(15), 0, Backoff.fixed(Duration.ofMillis(500)), Duration.ZERO);

  public EventOptions {
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("timeout must be positive, not " + timeout);
    }
    if (maxRetries < 0 || maxRetries > 1_000) {
      throw new IllegalArgumentException("maxRetries must be 0 to 1000, not " + maxRetries);
    }
    if (delay.isNegative()) {
      throw new IllegalArgumentException("delay must not be negative: " + delay);
    }
  }

  public EventOptions withTimeout(Duration value) {
    return new EventOptions(value, maxRetries, backoff, delay);
  }

  public EventOptions withMaxRetries(int value) {
    return new EventOptions(timeout, value, backoff, delay);
  }

  public EventOptions withBackoff(Backoff value) {
    return new EventOptions(timeout, maxRetries, value, delay);
  }

  public EventOptions withDelay(Duration value) {
    return new EventOptions(timeout, maxRetries, backoff, value);
  }
}
