package dev.millrace.pgjobs;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Signs of life in {@code millrace_pgjobs.runners}, and what is done about runners whose signs have
 * ended. All times are PostgreSQL's, so clocks may differ.
 */
final class Heartbeat {
  private final Sql sql;
  private final String schema;
  private final Duration lease;
  private final String host = host();

  Heartbeat(Sql sql, String schema, Duration lease) {
    this.sql = sql;
    this.schema = schema;
    this.lease = lease;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName() + ":" + ProcessHandle.current().pid();
    } catch (UnknownHostException e) {
      return "unknown:" + ProcessHandle.current().pid();
    }
  }

  /** Says that a pool begins. */
  @Nullable Void begin(Connection connection, String pool) throws SQLException {
    var insert =
        """
        INSERT INTO millrace_pgjobs.runners (pool_id, schema_name, host, lease)
        VALUES (?, ?, ?, make_interval(secs => ?))
        """;
    try (var statement = connection.prepareStatement(insert)) {
      statement.setString(1, pool);
      statement.setString(2, schema);
      statement.setString(3, host);
      statement.setDouble(4, lease.toMillis() / 1e3);
      statement.executeUpdate();
      return null;
    }
  }

  /** Says that a pool lives; returns false when others took it for dead already. */
  boolean beat(Connection connection, String pool) throws SQLException {
    var update = "UPDATE millrace_pgjobs.runners SET seen_at = clock_timestamp() WHERE pool_id = ?";
    try (var statement = connection.prepareStatement(update)) {
      statement.setString(1, pool);
      return statement.executeUpdate() == 1;
    }
  }

  /** Says that a pool has ended, and holds no locks. */
  @Nullable Void end(Connection connection, String pool) throws SQLException {
    var delete = "DELETE FROM millrace_pgjobs.runners WHERE pool_id = ?";
    try (var statement = connection.prepareStatement(delete)) {
      statement.setString(1, pool);
      statement.executeUpdate();
      return null;
    }
  }

  /**
   * Frees the jobs of pools that gave no sign of life in their lease. An attempt was used; the
   * first is repeated at once, later ones wait as after a failure, since the job itself may be what
   * kills. Must run in a transaction.
   *
   * @return how many jobs were freed
   */
  int bury(Connection connection) throws SQLException {
    var dead = new ArrayList<String>();
    var delete =
        """
        DELETE FROM millrace_pgjobs.runners WHERE pool_id IN (
          SELECT pool_id FROM millrace_pgjobs.runners
          WHERE schema_name = ? AND seen_at + lease < clock_timestamp()
          ORDER BY pool_id FOR UPDATE SKIP LOCKED)
        RETURNING pool_id
        """;
    try (var statement = connection.prepareStatement(delete)) {
      statement.setString(1, schema);
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          dead.add(rows.getString(1));
        }
      }
    }
    return dead.isEmpty() ? 0 : free(connection, dead);
  }

  private int free(Connection connection, List<String> pools) throws SQLException {
    var update =
        """
        WITH freed AS (
          UPDATE {schema}._private_jobs SET
            last_error = coalesce(last_error, 'the runner ' || locked_by || ' died'),
            run_at = greatest(run_at, now()) + CASE WHEN attempts > 1
              THEN make_interval(secs => exp(least(attempts, 10))) ELSE interval '0' END,
            locked_at = NULL, locked_by = NULL, updated_at = now()
          WHERE locked_by = ANY (?)
          RETURNING id
        ), queues AS (
          UPDATE {schema}._private_job_queues SET locked_at = NULL, locked_by = NULL
          WHERE locked_by = ANY (?)
        )
        SELECT count(*),
          pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":' || count(*) || '}')
        FROM freed
        """;
    try (var statement = connection.prepareStatement(sql.in(update))) {
      statement.setArray(1, JobRows.texts(connection, pools));
      statement.setArray(2, JobRows.texts(connection, pools));
      try (var rows = statement.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }

  /** Frees what anybody locked more than four hours ago: workers of others give no sign of life. */
  int sweep(Connection connection) throws SQLException {
    var update =
        """
        WITH freed AS (
          UPDATE {schema}._private_jobs SET
            run_at = greatest(run_at, now()), locked_at = NULL, locked_by = NULL, updated_at = now()
          WHERE locked_at < now() - interval '4 hours'
          RETURNING id
        ), queues AS (
          UPDATE {schema}._private_job_queues SET locked_at = NULL, locked_by = NULL
          WHERE locked_at < now() - interval '4 hours'
        )
        SELECT count(*) FROM freed
        """;
    try (var statement = connection.prepareStatement(sql.in(update));
        var rows = statement.executeQuery()) {
      rows.next();
      return rows.getInt(1);
    }
  }

  /** Frees whatever a pool still holds, as if it had not been begun. Must run in a transaction. */
  int freeOwn(Connection connection, String pool) throws SQLException {
    var update =
        """
        WITH freed AS (
          UPDATE {schema}._private_jobs SET
            attempts = greatest(attempts - 1, 0), locked_at = NULL, locked_by = NULL,
            updated_at = now()
          WHERE locked_by = ?
          RETURNING id
        ), queues AS (
          UPDATE {schema}._private_job_queues SET locked_at = NULL, locked_by = NULL
          WHERE locked_by = ?
        )
        SELECT count(*) FROM freed
        """;
    try (var statement = connection.prepareStatement(sql.in(update))) {
      statement.setString(1, pool);
      statement.setString(2, pool);
      try (var rows = statement.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }
}
