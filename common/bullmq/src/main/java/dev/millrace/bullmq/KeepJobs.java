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
  /** The largest number of each: what numbers in JSON and in Redis' scripts hold exactly. */
  static final long MOST = (1L << 53) - 1;

  /** Keeps every job. */
  public static final KeepJobs ALL = new KeepJobs(-1L, null, null);

  /** Removes a job the moment it finishes. */
  public static final KeepJobs NONE = new KeepJobs(0L, null, null);

  public KeepJobs {
    check("count", count, -1);
    check("ageSeconds", ageSeconds, 0);
    check("limit", limit, 0);
  }

  private static void check(String name, @Nullable Long value, long least) {
    if (value != null && (value < least || value > MOST)) {
      throw new IllegalArgumentException(
          "%s must be from %d to %d but is %d".formatted(name, least, MOST, value));
    }
  }

  /** Keeps the newest {@code count} jobs. */
  public static KeepJobs newest(long count) {
    return new KeepJobs(count, null, null);
  }
}
