package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Calls {@code add_job} and {@code add_jobs}. */
final class JobAdder {
  /**
   * Where Node has made the schema, its add_job returns a null row, having added nothing, when
   * another transaction adds the same key at that moment (graphile/worker issue 580).
   */
  private static final int RACE_ATTEMPTS = 10;

  private final String addOne;
  private final String addMany;
  private final String tasks;
  private final String queues;

  JobAdder(Sql sql) {
    tasks = sql.in("SELECT id, identifier FROM {schema}._private_tasks WHERE id = ANY (?)");
    queues = sql.in("SELECT id, queue_name FROM {schema}._private_job_queues WHERE id = ANY (?)");
    addOne =
        sql.in(
            """
            SELECT %s FROM {schema}.add_job(
              identifier => ?, payload => ?::json, queue_name => ?, run_at => ?, max_attempts => ?,
              job_key => ?, priority => ?, flags => ?, job_key_mode => ?) j
            """
                .formatted(JobRows.COLUMNS));
    addMany =
        sql.in(
            """
            SELECT %s FROM {schema}.add_jobs(
              (SELECT array_agg((s.identifier, s.payload::json, s.queue_name, s.run_at,
                  s.max_attempts, s.job_key, s.priority,
                  CASE WHEN s.flags IS NULL THEN NULL
                    ELSE ARRAY(SELECT json_array_elements_text(s.flags::json)) END
                )::{schema}.job_spec ORDER BY s.n)
                FROM unnest(?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::smallint[],
                    ?::text[], ?::smallint[], ?::text[]) WITH ORDINALITY
                  s (identifier, payload, queue_name, run_at, max_attempts, job_key, priority,
                    flags, n)),
              ?) j
            ORDER BY j.id
            """
                .formatted(JobRows.COLUMNS));
  }

  Job add(Connection connection, NewJob job) throws SQLException {
    try (var statement = connection.prepareStatement(addOne)) {
      statement.setString(1, job.task());
      statement.setString(2, job.payload());
      statement.setString(3, job.queueName());
      statement.setObject(4, JobRows.time(job.runAt()), Types.TIMESTAMP_WITH_TIMEZONE);
      statement.setObject(5, job.maxAttempts(), Types.INTEGER);
      statement.setString(6, job.jobKey());
      statement.setObject(7, job.priority(), Types.INTEGER);
      statement.setArray(8, job.flags().isEmpty() ? null : JobRows.texts(connection, job.flags()));
      statement.setString(9, job.jobKeyMode().sql());
      for (var attempt = 1; attempt <= RACE_ATTEMPTS; attempt++) {
        var added = added(connection, statement);
        if (!added.isEmpty()) {
          return added.getFirst();
        }
      }
      throw new SQLException("others kept changing the job of key " + job.jobKey(), "40001");
    }
  }

  List<Job> addAll(Connection connection, List<NewJob> jobs) throws SQLException {
    if (jobs.isEmpty()) {
      return List.of();
    }
    var preserveRunAt = preservesRunAt(jobs);
    try (var statement = connection.prepareStatement(addMany)) {
      statement.setArray(1, texts(connection, jobs, NewJob::task));
      statement.setArray(2, texts(connection, jobs, NewJob::payload));
      statement.setArray(3, texts(connection, jobs, NewJob::queueName));
      statement.setArray(4, texts(connection, jobs, job -> text(job.runAt())));
      statement.setArray(5, texts(connection, jobs, job -> text(job.maxAttempts())));
      statement.setArray(6, texts(connection, jobs, NewJob::jobKey));
      statement.setArray(7, texts(connection, jobs, job -> text(job.priority())));
      statement.setArray(8, texts(connection, jobs, JobAdder::flagsJson));
      statement.setBoolean(9, preserveRunAt);
      return added(connection, statement);
    }
  }

  /** A job that was added. */
  private record Added(Job job, int taskId, int queueId) {
    /** A statement does not see the names of task and queue that it has added itself. */
    boolean isNamed() {
      return !job.task().isEmpty() && (queueId == 0 || job.queueName() != null);
    }
  }

  private List<Job> added(Connection connection, PreparedStatement statement) throws SQLException {
    var added = new ArrayList<Added>();
    try (var rows = statement.executeQuery()) {
      while (rows.next()) {
        if (rows.getLong("id") == 0) {
          continue;
        }
        added.add(
            new Added(JobRows.job(rows), rows.getInt("task_id"), rows.getInt("job_queue_id")));
      }
    }
    if (added.stream().allMatch(Added::isNamed)) {
      return added.stream().map(Added::job).toList();
    }
    var taskNames =
        names(connection, tasks, added.stream().map(Added::taskId).distinct().toArray());
    var queueNames =
        names(connection, queues, added.stream().map(Added::queueId).distinct().toArray());
    return added.stream()
        .map(
            a -> a.job().named(taskNames.getOrDefault(a.taskId(), ""), queueNames.get(a.queueId())))
        .toList();
  }

  private static Map<Integer, String> names(Connection connection, String query, Object[] ids)
      throws SQLException {
    try (var statement = connection.prepareStatement(query)) {
      statement.setArray(1, connection.createArrayOf("integer", ids));
      var names = new HashMap<Integer, String>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          names.put(rows.getInt(1), rows.getString(2));
        }
      }
      return names;
    }
  }

  private static boolean preservesRunAt(List<NewJob> jobs) {
    var modes =
        jobs.stream().filter(j -> j.jobKey() != null).map(NewJob::jobKeyMode).distinct().toList();
    if (modes.contains(JobKeyMode.UNSAFE_DEDUPE)) {
      throw new IllegalArgumentException(
          "jobs that are added together cannot use UNSAFE_DEDUPE; add them one by one");
    }
    if (modes.size() > 1) {
      throw new IllegalArgumentException(
          "jobs that are added together must have the same jobKeyMode, not " + modes);
    }
    return modes.contains(JobKeyMode.PRESERVE_RUN_AT);
  }

  private static java.sql.Array texts(
      Connection connection, List<NewJob> jobs, Function<NewJob, @Nullable String> column)
      throws SQLException {
    var values = new ArrayList<@Nullable String>(jobs.size());
    for (var job : jobs) {
      values.add(column.apply(job));
    }
    return JobRows.texts(connection, values);
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  private static @Nullable String text(@Nullable Instant value) {
    // With its zone, whatever the session's is.
    return value == null ? null : value.toString();
  }

  private static @Nullable String flagsJson(NewJob job) {
    return job.flags().isEmpty() ? null : Json.array(job.flags());
  }
}
