package dev.millrace.pgjobs;

import org.jspecify.annotations.Nullable;

/**
 * Which jobs to list.
 *
 * @param state where they stand; null for all
 * @param task of one task only; null for all
 * @param offset how many to leave out
 * @param limit how many at most, 1 to 10,000
 */
public record JobFilter(@Nullable State state, @Nullable String task, int offset, int limit) {
  private static final int MAX_LIMIT = 10_000;

  /** Where a job stands. */
  public enum State {
    /** It may run now. */
    READY,
    /** It may run later. */
    WAITING,
    /** A worker has it. */
    LOCKED,
    /** It has used up its attempts. */
    DEAD
  }

  /** The first hundred of all. */
  public static final JobFilter ALL = new JobFilter(null, null, 0, 100);

  public JobFilter {
    if (limit < 1 || limit > MAX_LIMIT || offset < 0) {
      throw new IllegalArgumentException(
          "offset must be 0 or more and limit 1 to %d, not %d and %d"
              .formatted(MAX_LIMIT, offset, limit));
    }
  }

  /** Returns the first {@code limit} jobs of a state. */
  public static JobFilter of(State state, int limit) {
    return new JobFilter(state, null, 0, limit);
  }
}
