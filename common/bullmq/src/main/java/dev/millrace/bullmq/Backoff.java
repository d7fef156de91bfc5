package dev.millrace.bullmq;

import java.util.function.DoubleSupplier;

/**
 * How long to wait before a failed job is tried again.
 *
 * @param type {@code fixed}, {@code exponential}, or a name that the worker's {@link
 *     BackoffStrategy} knows
 * @param delay ms; the first delay for exponential
 * @param jitter the part of the delay that is random, 0..1
 */
public record Backoff(String type, long delay, double jitter) {
  public static final String FIXED = "fixed";
  public static final String EXPONENTIAL = "exponential";

  public Backoff {
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("Jitter should be between 0 and 1");
    }
  }

  /** Waits the same time before every attempt. */
  public static Backoff fixed(long delay) {
    return new Backoff(FIXED, delay, 0);
  }

  /** Waits twice as long before each further attempt. */
  public static Backoff exponential(long delay) {
    return new Backoff(EXPONENTIAL, delay, 0);
  }

  boolean isBuiltIn() {
    return type.equals(FIXED) || type.equals(EXPONENTIAL);
  }

  /**
   * Returns the delay in ms after failed attempt number {@code attempt} of a built-in type.
   *
   * @param random yields numbers in [0, 1)
   */
  long delayAfter(int attempt, DoubleSupplier random) {
    var full = type.equals(EXPONENTIAL) ? Math.round(Math.pow(2, attempt - 1) * delay) : delay;
    if (jitter == 0) {
      return full;
    }
    return (long) Math.floor(random.getAsDouble() * full * jitter + full * (1 - jitter));
  }
}
