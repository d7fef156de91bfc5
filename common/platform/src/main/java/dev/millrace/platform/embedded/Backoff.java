package dev.millrace.platform.embedded;

import java.time.Duration;

/**
 * Pauses that double from 0.2 s to 10 s, and begin again after a minute without need for one. Used
 * by one thread at a time.
 */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(200);
  private static final Duration LAST = Duration.ofSeconds(10);
  private static final Duration CALM = Duration.ofMinutes(1);

  private Duration pause = FIRST;
  private long lastAsked = System.nanoTime();

  Duration next() {
    var now = System.nanoTime();
    if (now - lastAsked > CALM.toNanos()) {
      pause = FIRST;
    }
    lastAsked = now;
    var result = pause;
    pause = pause.compareTo(LAST.dividedBy(2)) < 0 ? pause.multipliedBy(2) : LAST;
    return result;
  }
}
