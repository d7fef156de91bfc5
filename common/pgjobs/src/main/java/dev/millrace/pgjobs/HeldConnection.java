package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that one part of a runner keeps, set up for what it does with it. Opened at the
 * first call, and again after an error; calls take turns.
 */
final class HeldConnection implements AutoCloseable {
  /**
   * The plans of our statements are known; those that the planner prefers while a table is small
   * would stay when it is large.
   */
  private static final String PLANS =
      """
      SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off;
      SET enable_mergejoin = off;
      SET plan_cache_mode = force_generic_plan; SET jit = off; SET statement_timeout = '60s';
      """;

  private static final String RESET =
      """
      RESET enable_seqscan; RESET enable_bitmapscan; RESET enable_hashjoin;
      RESET enable_mergejoin;
      RESET plan_cache_mode; RESET jit; RESET statement_timeout; RESET synchronous_commit;
      """;

  /** Claims need not reach the disk: one that PostgreSQL's own crash forgets is made again. */
  static final String FOR_CLAIMS = PLANS + "SET synchronous_commit = off;";

  static final String FOR_OUTCOMES = PLANS;

  /** Nothing: a pooler would give the session to others. */
  static final String NONE = "";

  private static final Logger log = LoggerFactory.getLogger(HeldConnection.class);

  /** Longer than any statement may take: what has not answered then is gone. */
  private static final int SILENCE_LIMIT_MS = 75_000;

  private static final long CLOSE_LIMIT_MS = 2_000;

  private final DataSource source;
  private final String setUp;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Connection connection;
  private volatile boolean closed;

  HeldConnection(DataSource source, String setUp) {
    this.source = source;
    this.setUp = setUp;
  }

  /**
   * Does something with the connection; after an error that is not the data's it opens a new one.
   */
  <T extends @Nullable Object> T call(Database.Work<T> work) throws SQLException {
    lock.lock();
    try {
      if (closed) {
        throw new SQLException("the runner has stopped", "57014");
      }
      var open = connection;
      if (open == null) {
        open = open();
        connection = open;
      }
      try {
        return work.run(open);
      } catch (SQLException e) {
        if (!SqlErrors.isBadData(e) && !SqlErrors.isConflict(e)) {
          drop();
        }
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  private Connection open() throws SQLException {
    var opened = source.getConnection();
    try {
      opened.setAutoCommit(true);
      opened.setNetworkTimeout(Runnable::run, SILENCE_LIMIT_MS);
      if (!setUp.isEmpty()) {
        try (var statement = opened.createStatement()) {
          statement.execute(setUp);
        }
      }
      return opened;
    } catch (SQLException e) {
      opened.close();
      throw e;
    }
  }

  private void drop() {
    var dropped = connection;
    connection = null;
    if (dropped == null) {
      return;
    }
    try (dropped) {
      // Whoever gets it from the pool next shall find it as it was; a broken one refuses, and goes.
      if (!setUp.isEmpty()) {
        try (var statement = dropped.createStatement()) {
          statement.execute(RESET);
          dropped.setNetworkTimeout(Runnable::run, 0);
        }
      }
    } catch (SQLException e) {
      log.debug("A connection could not be given back in order", e);
    }
  }

  /** Gives the connection back; one that a call does not let go of is broken off. */
  @Override
  public void close() {
    closed = true;
    var isMine = false;
    try {
      isMine = lock.tryLock(CLOSE_LIMIT_MS, TimeUnit.MILLISECONDS);
      var open = connection;
      if (isMine) {
        drop();
      } else if (open != null) {
        open.abort(Runnable::run);
      }
    } catch (SQLException e) {
      log.debug("A connection could not be broken off", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (isMine) {
        lock.unlock();
      }
    }
  }
}
