package dev.millrace.pgjobs;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Stores how jobs ended. One thread writes what has come while it was writing, all in one statement
 * per kind: alone, an outcome is stored at once, and many together share a commit. While PostgreSQL
 * is away it waits and tries again; nothing is dropped.
 */
final class Finisher {
  private static final int BATCH = 1_000;

  /** How many outcomes may wait; beyond that, tasks' threads do. */
  private static final int BACKLOG = 4_000;

  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 5_000;
  private static final long LOOK_MS = 100;

  private final HeldConnection connection;
  private final OutcomeStore store;
  private final BiConsumer<Outcome, Result> onStored;
  private final BiConsumer<String, Throwable> onError;

  /** Nothing, among the outcomes, only wakes the thread up. */
  private final BlockingQueue<Optional<Outcome>> waiting = new ArrayBlockingQueue<>(BACKLOG);

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closing;
  private volatile boolean givenUp;

  /** What became of an outcome. */
  enum Result {
    STORED,
    /** It failed and has attempts left. */
    STORED_RETRY,
    /** The job was no longer ours. */
    NOT_OURS
  }

  Finisher(
      HeldConnection connection,
      OutcomeStore store,
      BiConsumer<Outcome, Result> onStored,
      BiConsumer<String, Throwable> onError) {
    this.connection = connection;
    this.store = store;
    this.onStored = onStored;
    this.onError = onError;
  }

  void start(String name) {
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /** Takes an outcome; waits when too many do. Must be called before {@code close} only. */
  void finish(Outcome outcome) {
    var interrupted = false;
    while (!givenUp) {
      try {
        if (waiting.offer(Optional.of(outcome), LOOK_MS, TimeUnit.MILLISECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        // What the task's interrupt was for is over; the outcome must not be lost for it.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closing || !waiting.isEmpty()) {
        var first = waiting.poll(LOOK_MS, TimeUnit.MILLISECONDS);
        if (first != null) {
          var batch = new ArrayList<Optional<Outcome>>();
          batch.add(first);
          waiting.drainTo(batch, BATCH - 1);
          storeAll(batch.stream().flatMap(Optional::stream).toList());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  private void storeAll(List<Outcome> batch) throws InterruptedException {
    var byPool = new LinkedHashMap<String, List<Outcome>>();
    for (var outcome : batch) {
      byPool.computeIfAbsent(outcome.job().pool(), pool -> new ArrayList<>()).add(outcome);
    }
    for (var entry : byPool.entrySet()) {
      storeOf(entry.getKey(), entry.getValue());
    }
  }

  /** Stores outcomes of one pool, however long PostgreSQL is away. */
  private void storeOf(String pool, List<Outcome> outcomes) throws InterruptedException {
    var pause = FIRST_PAUSE_MS;
    var wasLost = false;
    while (!givenUp) {
      try {
        var stored = connection.call(c -> inOne(c, pool, outcomes));
        tell(outcomes, stored, wasLost);
        return;
      } catch (SQLException e) {
        if (SqlErrors.isBadData(e)) {
          onError.accept("PostgreSQL refuses an outcome", e);
          storeApart(pool, outcomes, e);
          return;
        }
        // The connection may have broken after the commit.
        wasLost = true;
        onError.accept("cannot store how %d jobs ended".formatted(outcomes.size()), e);
        TimeUnit.MILLISECONDS.sleep(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
  }

  private OutcomeStore.Stored inOne(java.sql.Connection c, String pool, List<Outcome> outcomes)
      throws SQLException {
    var kinds = outcomes.stream().map(Object::getClass).distinct().count();
    if (kinds == 1) {
      return store.store(c, pool, outcomes);
    }
    c.setAutoCommit(false);
    try {
      var stored = store.store(c, pool, outcomes);
      c.commit();
      return stored;
    } catch (SQLException e) {
      c.rollback();
      throw e;
    } finally {
      if (!c.isClosed()) {
        c.setAutoCommit(true);
      }
    }
  }

  /** Finds the outcome that PostgreSQL refuses, and makes of it a failure that says so. */
  private void storeApart(String pool, List<Outcome> outcomes, SQLException error)
      throws InterruptedException {
    if (outcomes.size() > 1) {
      for (var outcome : outcomes) {
        storeOf(pool, List.of(outcome));
      }
      return;
    }
    var reason = ErrorText.clip("how it ended cannot be stored: " + error.getMessage());
    var plain = new Outcome.Failed(outcomes.getFirst().job(), reason, null, false);
    if (outcomes.getFirst().equals(plain)) {
      // Its lock goes when the runner stops.
      onStored.accept(plain, Result.NOT_OURS);
    } else {
      storeOf(pool, List.of(plain));
    }
  }

  private void tell(List<Outcome> outcomes, OutcomeStore.Stored stored, boolean wasLost) {
    for (var outcome : outcomes) {
      var id = outcome.job().id();
      Result result;
      if (stored.willRetry().contains(id)) {
        result = Result.STORED_RETRY;
      } else if (stored.stored().contains(id) || wasLost) {
        result = Result.STORED;
      } else {
        result = Result.NOT_OURS;
      }
      onStored.accept(outcome, result);
    }
  }

  /** Stores what waits, within a limit; returns whether all of it was. */
  boolean close(Duration limit) {
    closing = true;
    // When there is no room for it, the thread is awake.
    var _ = waiting.offer(Optional.empty());
    try {
      if (ended.await(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS)) {
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    givenUp = true;
    return false;
  }
}
