package dev.millrace.platform.cluster;

import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.locks.GatedLocks;
import dev.millrace.cluster.locks.Lease;
import dev.millrace.cluster.locks.Lock;
import dev.millrace.cluster.locks.LockOptions;
import dev.millrace.platform.db.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks in PostgreSQL: an advisory lock of a connection that the lock has for itself. The server
 * ends a session that is idle for longer than the lease ({@code idle_session_timeout}, PostgreSQL
 * 14), so a node that froze loses its locks, as does one whose connection breaks.
 */
public final class PostgresLocks extends GatedLocks {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresLocks.class);

  /** Locks that a node may hold or wait for at once; each takes a connection. */
  static final int DEFAULT_CONNECTIONS = 32;

  /** Waiting is done in slices, shorter than the driver's own limit for an answer. */
  private static final Duration SLICE = Duration.ofSeconds(20);

  private static final String NOT_AVAILABLE = "55P03";

  private final Database database;
  private final Semaphore connections;

  public PostgresLocks(Database database) {
    this(database, DEFAULT_CONNECTIONS);
  }

  PostgresLocks(Database database, int connections) {
    this.database = database;
    this.connections = new Semaphore(connections, true);
  }

  @Override
  protected Answer ask(String key, LockOptions options, Duration patience, Lock gate)
      throws InterruptedException {
    var slice = patience.compareTo(SLICE) < 0 ? patience : SLICE;
    if (!connections.tryAcquire(slice.toMillis(), TimeUnit.MILLISECONDS)) {
      return Answer.held(Duration.ofMillis(50));
    }
    Connection connection = null;
    var kept = false;
    try {
      connection = database.connect("millrace-lock");
      if (!lock(connection, key, slice)) {
        return Answer.held(Duration.ofMillis(1));
      }
      execute(connection, "SET idle_session_timeout = " + options.ttl().toMillis());
      var asked = System.nanoTime();
      var token = number(connection, "SELECT nextval('millrace.lock_token')");
      var held = new PostgresLock(key, token, options, asked, connection, gate);
      kept = true;
      held.begin();
      return Answer.got(held);
    } catch (SQLException e) {
      throw new UnavailableException(
          "PostgreSQL cannot be used for lock " + key + " (" + e.getMessage() + ")", e);
    } finally {
      if (!kept) {
        giveBack(connection);
      }
    }
  }

  private static boolean lock(Connection connection, String key, Duration patience)
      throws SQLException {
    if (patience.toMillis() == 0) {
      return locked(connection, "pg_try_advisory_lock", key);
    }
    execute(connection, "SET lock_timeout = " + patience.toMillis());
    try {
      var _ = locked(connection, "pg_advisory_lock", key);
      return true;
    } catch (SQLException e) {
      if (NOT_AVAILABLE.equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  private static boolean locked(Connection connection, String function, String key)
      throws SQLException {
    var sql = "SELECT " + function + "(hashtextextended('millrace.lock:' || ?, 0))::text";
    try (var statement = connection.prepareStatement(sql)) {
      statement.setString(1, key);
      try (var rows = statement.executeQuery()) {
        return rows.next() && "true".equals(rows.getString(1));
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private void giveBack(@Nullable Connection connection) {
    connections.release();
    if (connection == null) {
      return;
    }
    try (connection) {
      if (connection.isValid(1)) {
        // The end of the session would do it too, but a moment later.
        execute(connection, "SELECT pg_advisory_unlock_all()");
      }
    } catch (SQLException e) {
      LOG.debug("the connection of a lock is broken, which frees it", e);
    }
  }

  private final class PostgresLock extends Lease {
    private final Connection connection;
    private final Lock gate;
    private Duration length;

    PostgresLock(
        String key, long token, LockOptions options, long asked, Connection connection, Lock gate) {
      super(key, token, options, asked);
      this.connection = connection;
      this.gate = gate;
      length = options.ttl();
    }

    void begin() {
      start();
    }

    @Override
    protected synchronized boolean renew(Duration lease) {
      try {
        if (lease.equals(length)) {
          var _ = number(connection, "SELECT 1");
        } else {
          execute(connection, "SET idle_session_timeout = " + lease.toMillis());
          length = lease;
        }
        return true;
      } catch (SQLException e) {
        LOG.warn("the connection of lock {} broke: {}", key(), e.getMessage());
        return false;
      }
    }

    @Override
    protected synchronized void free() {
      try {
        giveBack(connection);
      } finally {
        gate.release();
      }
    }
  }
}
