package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Calls {@code add_job} and {@code add_jobs}. */
final class JobAdder {
  private final String addOne;
  private final String addMany;

  JobAdder(Sql sql) {
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
      return JobRows.jobs(statement).getFirst();
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
      return JobRows.jobs(statement);
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
