package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads jobs from rows, and writes the types that JDBC does not know. */
final class JobRows {
  /** What {@link #job} wants, of {@code j}. */
  static final String COLUMNS =
      """
      j.id, j.priority, j.run_at, j.attempts, j.max_attempts, j.last_error, j.created_at, \
      j.updated_at, j.key, j.locked_at, j.locked_by, j.revision, j.flags, \
      j.task_id, j.job_queue_id, \
      (SELECT t.identifier FROM {schema}._private_tasks t WHERE t.id = j.task_id) AS task, \
      (SELECT q.queue_name FROM {schema}._private_job_queues q WHERE q.id = j.job_queue_id) AS queue
      """;

  private JobRows() {}

  static List<Job> jobs(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      var jobs = new ArrayList<Job>();
      while (rows.next()) {
        jobs.add(job(rows));
      }
      return jobs;
    }
  }

  static Job job(ResultSet row) throws SQLException {
    return new Job(
        row.getLong("id"),
        // A task whose name was cleaned away has none.
        textOrEmpty(row.getString("task")),
        row.getString("queue"),
        row.getInt("priority"),
        instant(row, "run_at"),
        row.getInt("attempts"),
        row.getInt("max_attempts"),
        row.getString("last_error"),
        instant(row, "created_at"),
        instant(row, "updated_at"),
        row.getString("key"),
        instantOrNull(row, "locked_at"),
        row.getString("locked_by"),
        row.getInt("revision"),
        flags(row.getString("flags")));
  }

  private static String textOrEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    var instant = instantOrNull(row, column);
    if (instant == null) {
      throw new SQLException(column + " is null");
    }
    return instant;
  }

  static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
    var time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  static Set<String> flags(@Nullable String json) {
    return json == null ? Set.of() : Set.copyOf(Json.tree(json).propertyNames());
  }

  static @Nullable OffsetDateTime time(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  static java.sql.Array ids(Connection connection, Collection<Long> ids) throws SQLException {
    return connection.createArrayOf("bigint", ids.toArray());
  }

  static java.sql.Array texts(Connection connection, Collection<? extends @Nullable String> texts)
      throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }
}
