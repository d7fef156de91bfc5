package dev.millrace.cluster.support;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs actions later, each on a virtual thread of its own, so that they may block. One thread of
 * the JVM keeps the times, by a clock that does not jump. Thread-safe.
 */
public final class Timer {
  private static final Logger LOG = LoggerFactory.getLogger(Timer.class);
  private static final ScheduledThreadPoolExecutor CLOCK = clock();

  private Timer() {}

  /** An action that was planned. */
  @FunctionalInterface
  public interface Planned {
    /** Does nothing when the action has begun. */
    void cancel();
  }

  /** Runs an action once. */
  public static Planned after(Duration delay, Runnable action) {
    var future = CLOCK.schedule(() -> start(action), nanos(delay), TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  /** Runs an action again and again; never twice at once, and it is skipped while it runs. */
  public static Planned every(Duration period, Runnable action) {
    var beat = new Beat(action);
    var nanos = nanos(period);
    var future = CLOCK.scheduleWithFixedDelay(beat, nanos, nanos, TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  private static long nanos(Duration duration) {
    // A century is for ever, and does not overflow.
    return duration.toDays() > 36_500
        ? TimeUnit.DAYS.toNanos(36_500)
        : Math.max(1, duration.toNanos());
  }

  private static void start(Runnable action) {
    Thread.ofVirtual().name("cluster-timer").start(() -> run(action));
  }

  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.warn("what was planned failed", e);
    }
  }

  private static ScheduledThreadPoolExecutor clock() {
    var executor =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("cluster-clock").daemon().factory());
    executor.setRemoveOnCancelPolicy(true);
    return executor;
  }

  private static final class Beat implements Runnable {
    private final Runnable action;
    private final AtomicBoolean running = new AtomicBoolean();

    Beat(Runnable action) {
      this.action = action;
    }

    @Override
    public void run() {
      if (running.compareAndSet(false, true)) {
        start(() -> {
          try {
            action.run();
          } finally {
            running.set(false);
          }
        });
      }
    }
  }
}
