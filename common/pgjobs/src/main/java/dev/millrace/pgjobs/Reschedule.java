package dev.millrace.pgjobs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What {@link PgJobs#reschedule} changes; null leaves a value as it is.
 *
 * @param attempts 0 lets a job that failed for good have all its attempts again
 */
public record Reschedule(
    @Nullable Instant runAt,
    @Nullable Integer priority,
    @Nullable Integer attempts,
    @Nullable Integer maxAttempts) {

  /** Runs them as soon as possible, with all their attempts before them. */
  public static Reschedule again(Instant now) {
    return new Reschedule(now, null, 0, null);
  }
}
