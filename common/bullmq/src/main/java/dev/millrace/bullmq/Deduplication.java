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
 */
public record Deduplication(
    String id, @Nullable Long ttl, boolean extend, boolean replace, boolean keepLastIfActive) {
  public Deduplication {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("Deduplication id must be provided");
    }
  }

  /** Refuses jobs until the owner has finished. */
  public static Deduplication untilFinished(String id) {
    return new Deduplication(id, null, false, false, false);
  }

  /** Refuses jobs for {@code ttlMillis}. */
  public static Deduplication throttle(String id, long ttlMillis) {
    return new Deduplication(id, ttlMillis, false, false, false);
  }
}
