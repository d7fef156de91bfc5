package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads how much there is to do, and who does it. */
final class Overview {
  private final Sql sql;
  private final String schema;

  Overview(Sql sql, String schema) {
    this.sql = sql;
    this.schema = schema;
  }

  List<JobCounts> counts(Connection connection) throws SQLException {
    var query =
        """
        SELECT coalesce(t.identifier, '') AS task, c.* FROM (
          SELECT task_id,
            count(*) FILTER (WHERE is_available AND run_at <= now()) AS ready,
            count(*) FILTER (WHERE is_available AND run_at > now()) AS waiting,
            count(*) FILTER (WHERE locked_at IS NOT NULL) AS locked,
            count(*) FILTER (WHERE locked_at IS NULL AND attempts >= max_attempts) AS dead,
            min(run_at) FILTER (WHERE is_available AND run_at <= now()) AS oldest
          FROM {schema}._private_jobs GROUP BY task_id) c
          LEFT JOIN {schema}._private_tasks t ON t.id = c.task_id
        ORDER BY task
        """;
    try (var statement = connection.prepareStatement(sql.in(query));
        var rows = statement.executeQuery()) {
      var counts = new ArrayList<JobCounts>();
      while (rows.next()) {
        counts.add(
            new JobCounts(
                rows.getString("task"),
                rows.getLong("ready"),
                rows.getLong("waiting"),
                rows.getLong("locked"),
                rows.getLong("dead"),
                JobRows.instantOrNull(rows, "oldest")));
      }
      return counts;
    }
  }

  List<Runner> runners(Connection connection) throws SQLException {
    var query =
        """
        SELECT r.pool_id, r.host, r.started_at, r.seen_at, extract(epoch FROM r.lease) AS lease,
          r.seen_at + r.lease >= clock_timestamp() AS alive,
          (SELECT count(*) FROM {schema}._private_jobs j WHERE j.locked_by = r.pool_id) AS locked
        FROM millrace_pgjobs.runners r WHERE r.schema_name = ? ORDER BY r.started_at, r.pool_id
        """;
    try (var statement = connection.prepareStatement(sql.in(query))) {
      statement.setString(1, schema);
      var runners = new ArrayList<Runner>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          runners.add(
              new Runner(
                  rows.getString("pool_id"),
                  rows.getString("host"),
                  JobRows.instant(rows, "started_at"),
                  JobRows.instant(rows, "seen_at"),
                  Duration.ofMillis(Math.round(rows.getDouble("lease") * 1_000)),
                  rows.getBoolean("alive"),
                  rows.getLong("locked")));
        }
      }
      return runners;
    }
  }

  Map<Long, Payload> payloads(Connection connection, Collection<Long> ids, int longest)
      throws SQLException {
    var query =
        """
        SELECT p.id, p.bytes, CASE WHEN p.bytes <= ? THEN p.payload END AS payload FROM (
          SELECT j.id, j.payload, octet_length(j.payload::text) AS bytes
          FROM {schema}._private_jobs j WHERE j.id = ANY (?)) p
        """;
    try (var statement = connection.prepareStatement(sql.in(query))) {
      statement.setInt(1, longest);
      statement.setArray(2, JobRows.ids(connection, ids));
      var payloads = new HashMap<Long, Payload>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          payloads.put(
              rows.getLong("id"), new Payload(rows.getString("payload"), rows.getLong("bytes")));
        }
      }
      return payloads;
    }
  }

  /** Returns the newest revision, 0 when there is no schema. */
  int revision(Connection connection) throws SQLException {
    var query = sql.in("SELECT coalesce(max(id), 0) FROM {schema}.migrations");
    try (var statement = connection.prepareStatement(query);
        var rows = statement.executeQuery()) {
      rows.next();
      return rows.getInt(1);
    } catch (SQLException e) {
      if (SqlErrors.isMissing(e)) {
        return 0;
      }
      throw e;
    }
  }
}
