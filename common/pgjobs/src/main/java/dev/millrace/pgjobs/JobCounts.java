package dev.millrace.pgjobs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How many jobs of a task stand where.
 *
 * @param task its name; empty for one whose name was cleaned away
 * @param ready may run now
 * @param waiting may run later
 * @param locked are with a worker
 * @param dead have used up their attempts
 * @param oldestReady since when the oldest of the ready ones may run; null when there is none
 */
public record JobCounts(
    String task, long ready, long waiting, long locked, long dead, @Nullable Instant oldestReady) {
  /** Returns how many there are. */
  public long total() {
    return ready + waiting + locked + dead;
  }
}
