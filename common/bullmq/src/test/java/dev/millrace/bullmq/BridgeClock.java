package dev.millrace.bullmq;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The time of the program that drives a queue. All times of a queue are those of its clients'
 * clocks, and a test may run on a clock of its own, far from ours, that stands still until it is
 * moved. What its requests tell of it is believed then; otherwise ours is right. Thread-safe.
 */
final class BridgeClock {
  /** Clocks that differ by less are the same clock. */
  private static final long SAME_MILLIS = 60_000;

  private static final long LONGEST_WAIT_MILLIS = 10_000;

  private final AtomicReference<Reading> reading = new AtomicReference<>(new Reading(false, 0, 0));

  /**
   * What is known.
   *
   * @param latest the latest time that was told, of meaning only on a clock of the test's own
   * @param nextDue when the next job that a worker was told of is due; 0 if it was told of none
   */
  private record Reading(boolean foreign, long latest, long nextDue) {
    Reading atLeast(long time) {
      return new Reading(foreign, Math.max(latest, time), 0);
    }
  }

  long now() {
    var last = reading.get();
    return last.foreign() ? last.latest() : System.currentTimeMillis();
  }

  /** A request was made at that time. */
  void saw(long time) {
    var foreign = Math.abs(time - System.currentTimeMillis()) > SAME_MILLIS;
    reading.updateAndGet(last -> new Reading(foreign, time, last.nextDue()));
  }

  /** A worker was told when the next job is due; 0 if none is. */
  void told(long time) {
    reading.updateAndGet(last -> new Reading(last.foreign(), last.latest(), time));
  }

  /** A worker asks for jobs: if it knows of one that is to come, that one's time has come. */
  void askedForJobs() {
    reading.updateAndGet(last -> last.atLeast(last.nextDue()));
  }

  /** A worker waits for the next job that it knows of, for that long. */
  void waits(long millis) {
    reading.updateAndGet(last ->
        last.nextDue() > 0 && millis < LONGEST_WAIT_MILLIS
            ? last.atLeast(last.nextDue() - millis)
            : last.atLeast(0));
  }
}
