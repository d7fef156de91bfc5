package dev.millrace.pgjobs;

import dev.millrace.pgjobs.cron.CronItem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Adds what is due every minute, and at start what was missed. Any number of processes may do so
 * for the same items: {@link CronStore} lets one of them add a run.
 */
final class CronRunner {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** What a sleeping machine missed is made up for this long; {@code fill} is for longer. */
  private static final Duration LONGEST_GAP = Duration.ofDays(1);

  private static final long FIRST_PAUSE_MS = 200;
  private static final long LONGEST_PAUSE_MS = 60_000;

  /** The clock may be put while we wait. */
  private static final long LONGEST_WAIT_MS = 500;

  private final Database database;
  private final CronStore store;
  private final List<CronItem> items;
  private final InstantSource clock;
  private final RunnerEvents events;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  CronRunner(
      Database database,
      CronStore store,
      List<CronItem> items,
      InstantSource clock,
      RunnerEvents events) {
    this.database = database;
    this.store = store;
    this.items = items;
    this.clock = clock;
    this.events = events;
  }

  void start(String name) {
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  private void run() {
    try {
      var started = clock.instant();
      var next = started.truncatedTo(ChronoUnit.MINUTES).plus(MINUTE);
      repeated("cannot make up for missed runs", () -> makeUp(started));
      while (closed.getCount() > 0) {
        var now = clock.instant();
        if (next.isAfter(now)) {
          if (Duration.between(now, next).compareTo(MINUTE.multipliedBy(2)) > 0) {
            // The clock was put back; what is done is known and not done again.
            next = now.truncatedTo(ChronoUnit.MINUTES).plus(MINUTE);
          }
          var wait = Duration.between(now, next).toMillis() + 1;
          var _ = closed.await(Math.min(wait, LONGEST_WAIT_MS), TimeUnit.MILLISECONDS);
          continue;
        }
        if (Duration.between(next, now).compareTo(LONGEST_GAP) > 0) {
          next = now.minus(LONGEST_GAP).truncatedTo(ChronoUnit.MINUTES).plus(MINUTE);
        }
        var slot = next;
        repeated("cannot add the cron jobs of " + slot, () -> add(slot, items, false));
        next = next.plus(MINUTE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  /** Does something until it succeeds or we end. */
  private void repeated(String what, Runnable action) throws InterruptedException {
    var pause = FIRST_PAUSE_MS;
    while (closed.getCount() > 0) {
      try {
        action.run();
        return;
      } catch (PgJobsException e) {
        events.error(what, e);
        var _ = closed.await(pause, TimeUnit.MILLISECONDS);
        pause = Math.min(pause * 3 / 2, LONGEST_PAUSE_MS);
      }
    }
  }

  private void makeUp(Instant now) {
    var identifiers = items.stream().map(CronItem::identifier).toList();
    var done =
        database.call("cannot register crontab items", c -> store.register(c, identifiers, now));
    var longest =
        items.stream().map(CronItem::fill).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
    var slot = now.minus(longest).truncatedTo(ChronoUnit.MINUTES);
    for (; !slot.isAfter(now) && closed.getCount() > 0; slot = slot.plus(MINUTE)) {
      var time = slot;
      var missed = items.stream().filter(item -> isMissed(item, time, now, done)).toList();
      add(time, missed, true);
    }
  }

  private static boolean isMissed(
      CronItem item, Instant slot, Instant now, Map<String, Instant> done) {
    return item.fill().isPositive()
        && !slot.isBefore(now.minus(item.fill()))
        && slot.isAfter(done.getOrDefault(item.identifier(), now));
  }

  private void add(Instant slot, List<CronItem> candidates, boolean backfilled) {
    var due = candidates.stream().filter(item -> item.match().matches(slot, item.zone())).toList();
    if (!due.isEmpty()) {
      var _ =
          database.call(
              "cannot add the cron jobs of " + slot, c -> store.add(c, due, slot, backfilled));
    }
  }

  void close(long limitMs) throws InterruptedException {
    closed.countDown();
    var _ = ended.await(limitMs, TimeUnit.MILLISECONDS);
  }
}
