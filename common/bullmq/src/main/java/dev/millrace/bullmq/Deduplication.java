package dev.millrace.bullmq;

import org.jspecify.annotations.Nullable;

/**
 * Makes a queue refuse a job while another one with the same deduplication id owns it.
 *
 * @param id the deduplication id
 * @param ttl how long the id stays taken, in ms; null for as long as the owner is unfinished
 * @param extend whether a refused job renews {@code ttl}
 * @param replace whether a new job replaces the owner while that is delayed
 * @param keepLastIfActive whether the newest refused job runs after an active owner
 * @param reschedule whether a refused job gives its delay, from now, to an owner that is delayed
 */
public record Deduplication(
    String id,
    @Nullable Long ttl,
    boolean extend,
    boolean replace,
    boolean keepLastIfActive,
    boolean reschedule) {
  public Deduplication {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("Deduplication id must be provided");
    }
  }

  /** A mode that does not reschedule. */
  public Deduplication(
      String id, @Nullable Long ttl, boolean extend, boolean replace, boolean keepLastIfActive) {
    this(id, ttl, extend, replace, keepLastIfActive, false);
  }

  /** Refuses jobs until the owner has finished. */
  public static Deduplication untilFinished(String id) {
    return new Deduplication(id, null, false, false, false);
  }

  /** Refuses jobs for {@code ttlMillis}. */
  public static Deduplication throttle(String id, long ttlMillis) {
    return new Deduplication(id, ttlMillis, false, false, false);
  }

  /** Lets each refused job put the owner off, as long as that is delayed. */
  public Deduplication withReschedule() {
    return new Deduplication(id, ttl, extend, replace, keepLastIfActive, true);
  }
}
