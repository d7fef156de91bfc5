package dev.millrace.pgjobs;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to look for jobs and how many to claim. It looks when it is told that there may be
 * some, when a slot became free and the last look may have left some, and every poll interval.
 */
final class Fetcher {
  /** Another process may have held a job's row for a moment while we looked. */
  private static final long SECOND_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

  /** After an error. */
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Claims claims;
  private final RunnerOptions options;
  private final Slots slots;
  private final IntSupplier active;
  private final RunnerEvents events;
  private final boolean once;
  private final Wakeup wakeup = new Wakeup();
  private final AtomicBoolean told = new AtomicBoolean(true);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Held while one thread looks; it guards what follows. */
  private final ReentrantLock looking = new ReentrantLock();

  private boolean mayBeMore = true;
  private long lookAt;
  private long pauseUntil;

  private volatile boolean stopping;
  private volatile @Nullable Throwable failure;

  /** Claims jobs for this runner. */
  @FunctionalInterface
  interface Claims {
    List<ActiveJob> claim(int limit, Set<String> forbidden) throws SQLException;
  }

  /**
   * @param active how many jobs this runner has, those whose outcome is not stored yet among them
   * @param once whether to end when there is nothing left to do
   */
  Fetcher(
      Claims claims,
      RunnerOptions options,
      Slots slots,
      IntSupplier active,
      RunnerEvents events,
      boolean once) {
    this.claims = claims;
    this.options = options;
    this.slots = slots;
    this.active = active;
    this.events = events;
    this.once = once;
    lookAt = System.nanoTime();
    pauseUntil = lookAt;
  }

  void start(String name) {
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /** There may be jobs. */
  void tell() {
    told.set(true);
    wakeup.ring();
  }

  /**
   * There may be jobs, and the caller has the time to look for them itself: one thread less to wake
   * up between a job's commit and its begin.
   */
  void tellAndLook() {
    told.set(true);
    if (looking.tryLock()) {
      try {
        look();
      } finally {
        looking.unlock();
      }
    }
    wakeup.ring();
  }

  /** A slot is free. */
  void slotFree() {
    wakeup.ring();
  }

  private void run() {
    try {
      while (!stopping) {
        var wait = 0L;
        looking.lock();
        try {
          wait = look();
        } finally {
          looking.unlock();
        }
        if (wait > 0) {
          var _ = wakeup.await(wait);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  /** Looks for jobs if it is time to; returns for how long there is nothing to do, in ns. */
  private long look() {
    var now = System.nanoTime();
    if (stopping) {
      return 0;
    }
    if (pauseUntil - now > 0) {
      return pauseUntil - now;
    }
    var isTold = told.get();
    if (!mayBeMore && !isTold && lookAt - now > 0) {
      return lookAt - now;
    }
    var forbidden = forbidden();
    var wanted = forbidden == null ? 0 : wanted(forbidden);
    if (wanted == 0 || forbidden == null) {
      // The next slot rings.
      return options.pollInterval().toNanos();
    }
    told.set(false);
    var nothingActive = active.getAsInt() == 0;
    var found = fetch(wanted, forbidden);
    mayBeMore = found >= wanted;
    var next = options.pollInterval().toNanos();
    if (once && found == 0 && nothingActive) {
      stopping = true;
    } else if (once || (isTold && found == 0)) {
      next = Math.min(next, SECOND_LOOK_NANOS);
    }
    lookAt = System.nanoTime() + next;
    return mayBeMore || stopping ? 0 : next;
  }

  /** Returns how many jobs to claim; without a local queue, as many as can begin at once. */
  private int wanted(Set<String> forbidden) {
    var local = options.localQueue();
    if (local == null || !forbidden.isEmpty()) {
      return slots.free();
    }
    var room = local.size() - slots.waiting();
    return slots.waiting() <= local.size() / 2 ? room : 0;
  }

  /** Returns how many jobs were found; -1 after an error, which does not count as none. */
  private int fetch(int wanted, Set<String> forbidden) {
    var began = System.nanoTime();
    try {
      var jobs = claims.claim(wanted, forbidden);
      events.fetched(jobs.size(), System.nanoTime() - began);
      return jobs.size();
    } catch (SQLException | RuntimeException e) {
      events.error("cannot fetch jobs", e);
      if (once && !(e instanceof SQLException sql && SqlErrors.isConflict(sql))) {
        failure = e;
        stopping = true;
      }
      pauseUntil =
          System.nanoTime() + Math.min(options.pollInterval().toNanos(), LONGEST_PAUSE_NANOS);
      told.set(true);
      return -1;
    }
  }

  private @Nullable Set<String> forbidden() {
    try {
      return options.forbiddenFlags().get();
    } catch (RuntimeException e) {
      // Without knowing what is forbidden, nothing may begin.
      events.error("the supplier of forbidden flags failed", e);
      return null;
    }
  }

  /** Looks no more; waits until a look that is under way is over, within a limit. */
  boolean stop(long limitMs) throws InterruptedException {
    stopping = true;
    wakeup.ring();
    return ended.await(limitMs, TimeUnit.MILLISECONDS);
  }

  /** Waits for the end of a run that ends by itself; returns what ended it early. */
  @Nullable Throwable awaitEnd() throws InterruptedException {
    ended.await();
    return failure;
  }
}
