package dev.millrace.platform.schedules;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * MODE=main: one timer in this process. Several servers on one database all have it; which of them
 * runs, the database decides ({@link ScheduleStore#claim}).
 */
public final class LocalBeat implements ScheduleBeat {
  private static final Logger LOG = LoggerFactory.getLogger(LocalBeat.class);

  /** Looks at the clock at least so often: it may be set, and timers do not follow it. */
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final Clock clock;
  private final BiConsumer<Schedule, Instant> due;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Timer> timers = new HashMap<>(); // guarded by lock
  private long armed; // guarded by lock
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("schedules").daemon().factory());

  /**
   * @param number tells it from those before it, which may fire although they were cancelled
   */
  private record Timer(long number, ScheduledFuture<?> future) {}

  /**
   * @param due is told of each run, on a virtual thread of its own
   */
  public LocalBeat(Clock clock, BiConsumer<Schedule, Instant> due) {
    this.clock = clock;
    this.due = due;
    timer.setRemoveOnCancelPolicy(true);
  }

  @Override
  public void set(Schedule schedule) {
    lock.lock();
    try {
      remove(schedule.id());
      var next = schedule.repeat().nextAfter(clock.instant());
      next.ifPresent(time -> arm(schedule, time));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void remove(String scheduleId) {
    lock.lock();
    try {
      var old = timers.remove(scheduleId);
      if (old != null) {
        old.future().cancel(false);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private void arm(Schedule schedule, Instant time) {
    var pause = Duration.between(clock.instant(), time);
    var shown = pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
    var number = ++armed;
    var future =
        timer.schedule(
            () -> fire(schedule, time, number),
            Math.max(0, shown.toMillis()),
            TimeUnit.MILLISECONDS);
    timers.put(schedule.id(), new Timer(number, future));
  }

  private void fire(Schedule schedule, Instant time, long number) {
    lock.lock();
    try {
      var current = timers.get(schedule.id());
      if (current == null || current.number() != number) {
        return;
      }
      if (clock.instant().isBefore(time)) {
        arm(schedule, time);
        return;
      }
      Thread.ofVirtual().name("scheduled-", 0).start(() -> due.accept(schedule, time));
      timers.remove(schedule.id());
      schedule.repeat().nextAfter(time).ifPresent(next -> arm(schedule, next));
    } catch (RuntimeException e) {
      LOG.error("schedule {} of flow {} has stopped", schedule.id(), schedule.flowId(), e);
    } finally {
      lock.unlock();
    }
  }
}
