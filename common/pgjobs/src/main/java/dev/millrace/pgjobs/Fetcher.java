package dev.millrace.pgjobs;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to look for jobs and how many to claim, on a thread of its own. It looks when it is
 * told that there may be some, when a slot became free and the last look may have left some, and
 * every poll interval.
 */
final class Fetcher {
  /** Another process may have held a job's row for a moment while we looked. */
  private static final long SECOND_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

  private static final long NEVER = Long.MAX_VALUE;

  private final Claims claims;
  private final RunnerOptions options;
  private final Slots slots;
  private final IntSupplier active;
  private final RunnerEvents events;
  private final boolean once;
  private final Wakeup wakeup = new Wakeup();
  private final AtomicBoolean told = new AtomicBoolean(true);
  private final CountDownLatch ended = new CountDownLatch(1);
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
  }

  void start(String name) {
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /** There may be jobs. */
  void tell() {
    told.set(true);
    wakeup.ring();
  }

  /** A slot is free. */
  void slotFree() {
    wakeup.ring();
  }

  private void run() {
    try {
      loop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  private void loop() throws InterruptedException {
    var mayBeMore = true;
    var lookAt = NEVER;
    var pollAt = System.nanoTime();
    while (!stopping) {
      var now = System.nanoTime();
      var isTold = told.get();
      var isDue =
          mayBeMore || isTold || pollAt - now <= 0 || (lookAt != NEVER && lookAt - now <= 0);
      var forbidden = isDue ? forbidden() : Set.<String>of();
      var wanted = isDue && forbidden != null ? wanted(forbidden) : 0;
      if (wanted == 0 || forbidden == null) {
        var next = isDue ? NEVER : Math.min(pollAt - now, lookAt == NEVER ? NEVER : lookAt - now);
        var _ = wakeup.await(Math.min(next, options.pollInterval().toNanos()));
        continue;
      }
      told.set(false);
      var nothingActive = active.getAsInt() == 0;
      var found = fetch(wanted, forbidden);
      pollAt = System.nanoTime() + options.pollInterval().toNanos();
      mayBeMore = found >= wanted;
      lookAt = isTold && found < wanted ? System.nanoTime() + SECOND_LOOK_NANOS : NEVER;
      if (once) {
        if (found == 0 && nothingActive) {
          return;
        }
        // What is stored next may free a queue; it rings.
        pollAt = System.nanoTime() + SECOND_LOOK_NANOS;
      }
    }
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
  private int fetch(int wanted, Set<String> forbidden) throws InterruptedException {
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
      TimeUnit.NANOSECONDS.sleep(
          Math.min(options.pollInterval().toNanos(), TimeUnit.SECONDS.toNanos(2)));
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

  boolean hasEnded() {
    return ended.getCount() == 0;
  }
}
