package dev.millrace.platform.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A machine's clock that somebody sets again and again. */
final class JumpingClock implements InstantSource {
  private final AtomicReference<Duration> off = new AtomicReference<>(Duration.ZERO);

  @Override
  public Instant instant() {
    return Instant.now().plus(off.get());
  }

  /** Sets it off by that much. */
  void jump(Duration by) {
    off.set(by);
  }
}
