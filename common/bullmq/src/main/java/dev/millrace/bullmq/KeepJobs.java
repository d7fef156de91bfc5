package dev.millrace.bullmq;

import org.jspecify.annotations.Nullable;

/**
 * How many finished jobs of a kind stay in Redis. Applied when a job finishes.
 *
 * @param count how many at most; 0 removes the job at once, -1 or null does not limit
 * @param ageSeconds for how long at most, or null
 * @param limit how many to remove at most per finished job when {@code ageSeconds} is set; null is
 *     1000
 */
public record KeepJobs(@Nullable Long count, @Nullable Long ageSeconds, @Nullable Long limit) {
  /** Keeps every job. */
  public static final KeepJobs ALL = new KeepJobs(-1L, null, null);

  /** Removes a job the moment it finishes. */
  public static final KeepJobs NONE = new KeepJobs(0L, null, null);

  public KeepJobs {
    if (count != null && count < -1) {
      throw new IllegalArgumentException("count must be -1, 0 or positive but is " + count);
    }
    if (ageSeconds != null && ageSeconds < 0) {
      throw new IllegalArgumentException("ageSeconds must not be negative but is " + ageSeconds);
    }
  }

  /** Keeps the newest {@code count} jobs. */
  public static KeepJobs newest(long count) {
    return new KeepJobs(count, null, null);
  }
}
