package dev.millrace.bullmq;

import java.util.OptionalLong;

/** Computes the delay before the next attempt for backoff types of the application's own. */
@FunctionalInterface
public interface BackoffStrategy {
  /**
   * Returns the delay in ms (0 retries at once), or empty to fail the job for good.
   *
   * @param attempt the attempt that just failed, counted from 1
   * @param type the job's backoff type
   */
  OptionalLong delay(int attempt, String type, Throwable error, Job job);
}
