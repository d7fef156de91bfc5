package dev.millrace.bullmq;

import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * How many jobs one call of a long operation takes: fewer when Redis was busy with the last one for
 * long, since all its other clients wait meanwhile. Used by one thread.
 */
final class StepSize {
  private static final int MOST = 250;

  /**
   * Steps inside long lists cost the same whatever their size, so that smaller ones help nobody.
   */
  private static final int LEAST = 100;

  private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(12);
  private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private int size = MOST;

  /** Makes a call with the size that is right now, and learns from the time it takes. */
  <T> T call(IntFunction<T> step) {
    var began = System.nanoTime();
    var reply = step.apply(size);
    took(System.nanoTime() - began);
    return reply;
  }

  int size() {
    return size;
  }

  void took(long nanos) {
    if (nanos > LONG_NANOS) {
      size = Math.max(LEAST, size / 2);
    } else if (nanos < SHORT_NANOS) {
      size = Math.min(MOST, size * 2);
    }
  }
}
