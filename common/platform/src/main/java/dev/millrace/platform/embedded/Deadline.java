package dev.millrace.platform.embedded;

import java.time.Duration;

/** The end of a wait for something outside the JVM that can only be asked again and again. */
final class Deadline {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  static Deadline in(Duration limit) {
    return new Deadline(System.nanoTime() + limit.toNanos());
  }

  boolean passed() {
    return System.nanoTime() - end >= 0;
  }

  /** Waits a little before the next look. */
  void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Keeps the interrupt for the callers and ends the wait. */
  static EmbeddedStoreException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new EmbeddedStoreException("interrupted while waiting for an embedded store", cause);
  }
}
