package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads jobs, and calls the functions by which they are looked after. */
final class JobAdmin {
  private final Sql sql;

  JobAdmin(Sql sql) {
    this.sql = sql;
  }

  Optional<Job> find(Connection connection, long id) throws SQLException {
    var query = select("{schema}._private_jobs j WHERE j.id = ?");
    try (var statement = connection.prepareStatement(query)) {
      statement.setLong(1, id);
      return JobRows.jobs(statement).stream().findFirst();
    }
  }

  List<Job> list(Connection connection, JobFilter filter) throws SQLException {
    var state =
        switch (filter.state()) {
          case null -> "true";
          case READY -> "j.is_available AND j.run_at <= now()";
          case WAITING -> "j.is_available AND j.run_at > now()";
          case LOCKED -> "j.locked_at IS NOT NULL";
          case DEAD -> "j.locked_at IS NULL AND j.attempts >= j.max_attempts";
        };
    var query =
        select(
            """
            {schema}._private_jobs j
            WHERE %s AND (?::text IS NULL OR j.task_id =
              (SELECT t.id FROM {schema}._private_tasks t WHERE t.identifier = ?))
            ORDER BY j.priority, j.run_at, j.id OFFSET ? LIMIT ?
            """
                .formatted(state));
    try (var statement = connection.prepareStatement(query)) {
      statement.setString(1, filter.task());
      statement.setString(2, filter.task());
      statement.setInt(3, filter.offset());
      statement.setInt(4, filter.limit());
      return JobRows.jobs(statement);
    }
  }

  Optional<String> payload(Connection connection, long id) throws SQLException {
    var query = sql.in("SELECT payload FROM {schema}._private_jobs WHERE id = ?");
    try (var statement = connection.prepareStatement(query)) {
      statement.setLong(1, id);
      try (var rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
      }
    }
  }

  Instant now(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT clock_timestamp()")) {
      rows.next();
      return rows.getObject(1, OffsetDateTime.class).toInstant();
    }
  }

  List<Job> complete(Connection connection, Collection<Long> ids) throws SQLException {
    try (var statement = prepare(connection, "complete_jobs(?)", ids)) {
      return JobRows.jobs(statement);
    }
  }

  List<Job> permanentlyFail(Connection connection, Collection<Long> ids, @Nullable String message)
      throws SQLException {
    try (var statement = prepare(connection, "permanently_fail_jobs(?, ?)", ids)) {
      statement.setString(2, message == null ? null : ErrorText.clip(message));
      return JobRows.jobs(statement);
    }
  }

  List<Job> reschedule(Connection connection, Collection<Long> ids, Reschedule change)
      throws SQLException {
    try (var statement = prepare(connection, "reschedule_jobs(?, ?, ?, ?, ?)", ids)) {
      statement.setObject(2, JobRows.time(change.runAt()), Types.TIMESTAMP_WITH_TIMEZONE);
      statement.setObject(3, change.priority(), Types.INTEGER);
      statement.setObject(4, change.attempts(), Types.INTEGER);
      statement.setObject(5, change.maxAttempts(), Types.INTEGER);
      return JobRows.jobs(statement);
    }
  }

  Optional<Job> remove(Connection connection, String jobKey) throws SQLException {
    var query = select("{schema}.remove_job(?) j WHERE j.id IS NOT NULL");
    try (var statement = connection.prepareStatement(query)) {
      statement.setString(1, jobKey);
      return JobRows.jobs(statement).stream().findFirst();
    }
  }

  @Nullable Void forceUnlock(Connection connection, Collection<String> workers)
      throws SQLException {
    try (var statement =
        connection.prepareStatement(sql.in("SELECT {schema}.force_unlock_workers(?)"))) {
      statement.setArray(1, JobRows.texts(connection, workers));
      statement.execute();
      return null;
    }
  }

  int cleanup(Connection connection, Set<Cleanup> what, Set<String> keepTasks) throws SQLException {
    var removed = 0;
    // Jobs first: the names and queues that only they had can go too.
    if (what.contains(Cleanup.DEAD_JOBS)) {
      removed +=
          update(
              connection,
              "DELETE FROM {schema}._private_jobs"
                  + " WHERE attempts >= max_attempts AND locked_at IS NULL");
    }
    if (what.contains(Cleanup.TASK_IDENTIFIERS)) {
      var text =
          """
          DELETE FROM {schema}._private_tasks t WHERE t.identifier <> ALL (?)
            AND NOT EXISTS (SELECT FROM {schema}._private_jobs j WHERE j.task_id = t.id)
          """;
      try (var statement = connection.prepareStatement(sql.in(text))) {
        statement.setArray(1, JobRows.texts(connection, keepTasks));
        removed += statement.executeUpdate();
      }
    }
    if (what.contains(Cleanup.JOB_QUEUES)) {
      removed +=
          update(
              connection,
              """
              DELETE FROM {schema}._private_job_queues q WHERE q.locked_at IS NULL
                AND NOT EXISTS (SELECT FROM {schema}._private_jobs j WHERE j.job_queue_id = q.id)
              """);
    }
    return removed;
  }

  private int update(Connection connection, String text) throws SQLException {
    try (var statement = connection.prepareStatement(sql.in(text))) {
      return statement.executeUpdate();
    }
  }

  private PreparedStatement prepare(Connection connection, String call, Collection<Long> ids)
      throws SQLException {
    var statement = connection.prepareStatement(select("{schema}." + call + " j"));
    try {
      statement.setArray(1, JobRows.ids(connection, ids));
      return statement;
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }

  private String select(String from) {
    return sql.in("SELECT " + JobRows.COLUMNS + " FROM " + from);
  }
}
