package dev.millrace.pgjobs;

import java.sql.SQLException;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Gives signs of life, keeps the locks of long jobs young, and frees what dead runners and workers
 * have left. Owns the name in which this runner locks jobs.
 */
final class Tender {
  /** Long before the four hours after which others take a job for abandoned. */
  private static final long OLD_LOCK_NANOS = TimeUnit.HOURS.toNanos(1);

  private final Database database;
  private final Heartbeat heartbeat;
  private final OutcomeStore store;
  private final Collection<ActiveJob> active;
  private final RunnerOptions options;
  private final RunnerEvents events;
  private final Consumer<String> onPoolLost;
  private final boolean once;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile String pool;
  private boolean beats = true;
  private long sweepAt;

  /**
   * @param onPoolLost is told of a pool whose jobs others have taken over
   */
  Tender(
      Database database,
      Heartbeat heartbeat,
      OutcomeStore store,
      Collection<ActiveJob> active,
      RunnerOptions options,
      RunnerEvents events,
      Consumer<String> onPoolLost,
      boolean once) {
    this.database = database;
    this.heartbeat = heartbeat;
    this.store = store;
    this.active = active;
    this.options = options;
    this.events = events;
    this.onPoolLost = onPoolLost;
    this.once = once;
    pool = Pool.newId(once);
  }

  /** Returns the name in which jobs are to be locked now. */
  String pool() {
    return pool;
  }

  /** Gives the first sign of life, frees what is left lying about, then goes on by itself. */
  void start(String name) {
    begin();
    sweepAt = System.nanoTime() + (once ? 0 : random(Math.min(60_000, sweepMs())));
    if (once) {
      attend();
    }
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  private void begin() {
    try {
      var _ = database.call("cannot tell that the runner begins", c -> heartbeat.begin(c, pool));
    } catch (PgJobsException e) {
      if (!(e.getCause() instanceof SQLException cause)
          || !(SqlErrors.isMissing(cause) || SqlErrors.isForbidden(cause))) {
        throw e;
      }
      beats = false;
      events.error("no signs of life: if this runner dies, its jobs wait for four hours", e);
    }
  }

  private void run() {
    try {
      while (!closed.await(options.heartbeat().toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          attend();
        } catch (RuntimeException e) {
          events.error("cannot give a sign of life", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  private void attend() {
    if (beats) {
      var mine = pool;
      if (!database.call("cannot give a sign of life", c -> heartbeat.beat(c, mine))) {
        changePool(mine);
      }
      report(
          database.transaction("cannot free a dead runner's jobs", heartbeat::bury),
          "a runner that died");
    }
    keepYoung();
    if (System.nanoTime() - sweepAt >= 0) {
      sweepAt = System.nanoTime() + random(sweepMs());
      report(
          database.transaction("cannot free old locks", heartbeat::sweep),
          "workers that locked them four hours ago");
    }
  }

  private void report(int freed, String from) {
    if (freed > 0) {
      events.recovered(freed, from);
    }
  }

  /** Others took us for dead: what we have is theirs, and we go on under another name. */
  private void changePool(String old) {
    pool = Pool.newId(once);
    begin();
    onPoolLost.accept(old);
    // What was still claimed under the old name has nobody to free it.
    var _ = database.transaction("cannot free own jobs", c -> heartbeat.freeOwn(c, old));
  }

  private void keepYoung() {
    var now = System.nanoTime();
    var old =
        active.stream()
            .filter(job -> now - job.renewedAt() > OLD_LOCK_NANOS)
            .collect(Collectors.groupingBy(ActiveJob::pool));
    old.forEach((name, jobs) -> {
      var _ = database.call("cannot renew locks", c -> store.renew(c, name, jobs));
      jobs.forEach(ActiveJob::renewed);
    });
  }

  private long sweepMs() {
    return options.sweepInterval().toMillis();
  }

  private static long random(long ms) {
    return TimeUnit.MILLISECONDS.toNanos(
        ThreadLocalRandom.current().nextLong(ms - ms / 10, ms + ms / 10 + 1));
  }

  /** Gives no more signs; frees whatever is left under our name. */
  void close(long limitMs) throws InterruptedException {
    closed.countDown();
    var _ = ended.await(limitMs, TimeUnit.MILLISECONDS);
    try {
      var _ =
          database.transaction(
              "cannot free own jobs",
              c -> {
                var left = heartbeat.freeOwn(c, pool);
                if (beats) {
                  var _ = heartbeat.end(c, pool);
                }
                return left;
              });
    } catch (PgJobsException e) {
      events.error("what is still locked is freed by others when the lease is over", e);
    }
  }
}
