package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes how jobs ended, many in one statement, and frees their queues in the same. */
final class OutcomeStore {
  private final String complete;
  private final String completeUnlocked;
  private final String fail;
  private final String giveBack;
  private final String renew;
  private final @Nullable InstantSource clock;

  OutcomeStore(Sql sql, @Nullable InstantSource clock) {
    this.clock = clock;
    var freed =
        """
        , freed AS (
          UPDATE {schema}._private_job_queues SET locked_at = NULL, locked_by = NULL
          WHERE id = ANY (ARRAY(SELECT job_queue_id FROM done WHERE job_queue_id IS NOT NULL))
            AND locked_by = ?
        )
        """;
    complete =
        sql.in(
            """
            WITH done AS (
              DELETE FROM {schema}._private_jobs WHERE id = ANY (?) AND locked_by = ?
              RETURNING id, job_queue_id
            )%s
            SELECT id FROM done
            """
                .formatted(freed));
    // Somebody freed our locks by hand, but nobody has begun the jobs again.
    completeUnlocked =
        sql.in(
            """
            DELETE FROM {schema}._private_jobs j USING unnest(?::bigint[], ?::integer[]) o (id, attempts)
            WHERE j.id = o.id AND j.locked_at IS NULL AND j.attempts = o.attempts
            RETURNING j.id
            """);
    fail =
        sql.in(
            """
            WITH done AS (
              UPDATE {schema}._private_jobs j SET
                last_error = o.reason,
                payload = coalesce(o.payload::json, j.payload),
                attempts = CASE WHEN o.for_good THEN greatest(j.attempts, j.max_attempts)
                  ELSE j.attempts END,
                run_at = greatest(coalesce(?::timestamptz, now()), j.run_at)
                  + make_interval(secs => exp(least(j.attempts, 10))),
                locked_at = NULL, locked_by = NULL, updated_at = now()
              FROM unnest(?::bigint[], ?::text[], ?::text[], ?::boolean[])
                o (id, reason, payload, for_good)
              WHERE j.id = o.id AND j.locked_by = ?
              RETURNING j.id, j.job_queue_id, j.is_available
            )%s
            SELECT id, is_available FROM done
            """
                .formatted(freed));
    giveBack =
        sql.in(
            """
            WITH done AS (
              UPDATE {schema}._private_jobs SET
                attempts = greatest(attempts - 1, 0), locked_at = NULL, locked_by = NULL,
                updated_at = now()
              WHERE id = ANY (?) AND locked_by = ?
              RETURNING id, job_queue_id
            )%s, told AS (
              SELECT pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":' || n || '}')
              FROM (SELECT count(*) AS n FROM done) c WHERE n > 0
            )
            SELECT id, (SELECT count(*) FROM told) FROM done
            """
                .formatted(freed));
    renew =
        sql.in(
            """
            WITH done AS (
              UPDATE {schema}._private_jobs SET locked_at = now()
              WHERE id = ANY (?) AND locked_by = ?
              RETURNING job_queue_id
            )
            UPDATE {schema}._private_job_queues SET locked_at = now()
            WHERE id = ANY (ARRAY(SELECT job_queue_id FROM done WHERE job_queue_id IS NOT NULL))
              AND locked_by = ?
            """);
  }

  /**
   * What became of outcomes.
   *
   * @param stored ids of those that were written
   * @param willRetry ids of the failed ones among them that have attempts left
   */
  record Stored(Set<Long> stored, Set<Long> willRetry) {}

  /** Writes outcomes of jobs that one pool has locked. All of one statement, or none. */
  Stored store(Connection connection, String pool, List<Outcome> outcomes) throws SQLException {
    var completed = new ArrayList<ActiveJob>();
    var failed = new ArrayList<Outcome.Failed>();
    var returned = new ArrayList<Long>();
    for (var outcome : outcomes) {
      switch (outcome) {
        case Outcome.Completed(var job) -> completed.add(job);
        case Outcome.Failed failure -> failed.add(failure);
        case Outcome.Returned(var job) -> returned.add(job.id());
      }
    }
    var stored = new HashSet<Long>();
    var willRetry = new HashSet<Long>();
    if (!completed.isEmpty()) {
      stored.addAll(complete(connection, pool, completed));
    }
    if (!failed.isEmpty()) {
      var retries = fail(connection, pool, failed);
      stored.addAll(retries.keySet());
      retries.forEach((id, retry) -> {
        if (retry) {
          willRetry.add(id);
        }
      });
    }
    if (!returned.isEmpty()) {
      stored.addAll(giveBack(connection, pool, returned));
    }
    return new Stored(stored, willRetry);
  }

  private Set<Long> complete(Connection connection, String pool, List<ActiveJob> jobs)
      throws SQLException {
    var ids = jobs.stream().map(ActiveJob::id).toList();
    Set<Long> gone;
    try (var statement = connection.prepareStatement(complete)) {
      gone = idsOf(bind(connection, statement, ids, pool));
    }
    if (gone.size() < ids.size()) {
      var missing = jobs.stream().filter(job -> !gone.contains(job.id())).toList();
      try (var statement = connection.prepareStatement(completeUnlocked)) {
        statement.setArray(
            1, JobRows.ids(connection, missing.stream().map(ActiveJob::id).toList()));
        var attempts = missing.stream().map(job -> job.job().attempts()).toArray();
        statement.setArray(2, connection.createArrayOf("integer", attempts));
        gone.addAll(idsOf(statement));
      }
    }
    return gone;
  }

  private Map<Long, Boolean> fail(Connection connection, String pool, List<Outcome.Failed> failures)
      throws SQLException {
    try (var statement = connection.prepareStatement(fail)) {
      var now = clock == null ? null : JobRows.time(clock.instant());
      statement.setObject(1, now, java.sql.Types.TIMESTAMP_WITH_TIMEZONE);
      statement.setArray(
          2, JobRows.ids(connection, failures.stream().map(f -> f.job().id()).toList()));
      statement.setArray(
          3, JobRows.texts(connection, failures.stream().map(Outcome.Failed::reason).toList()));
      var payloads = new ArrayList<@Nullable String>();
      failures.forEach(failure -> payloads.add(failure.payload()));
      statement.setArray(4, JobRows.texts(connection, payloads));
      var forGood = failures.stream().map(Outcome.Failed::forGood).toArray();
      statement.setArray(5, connection.createArrayOf("boolean", forGood));
      statement.setString(6, pool);
      statement.setString(7, pool);
      var retries = new HashMap<Long, Boolean>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          retries.put(rows.getLong(1), rows.getBoolean(2));
        }
      }
      return retries;
    }
  }

  private Set<Long> giveBack(Connection connection, String pool, Collection<Long> ids)
      throws SQLException {
    try (var statement = connection.prepareStatement(giveBack)) {
      return idsOf(bind(connection, statement, ids, pool));
    }
  }

  /** Makes locks young again, before others take them for abandoned. */
  @Nullable Void renew(Connection connection, String pool, Collection<ActiveJob> jobs)
      throws SQLException {
    try (var statement = connection.prepareStatement(renew)) {
      var ids = jobs.stream().map(ActiveJob::id).collect(Collectors.toSet());
      bind(connection, statement, ids, pool).executeUpdate();
      return null;
    }
  }

  private static PreparedStatement bind(
      Connection connection, PreparedStatement statement, Collection<Long> ids, String pool)
      throws SQLException {
    statement.setArray(1, JobRows.ids(connection, ids));
    statement.setString(2, pool);
    statement.setString(3, pool);
    return statement;
  }

  private static Set<Long> idsOf(PreparedStatement statement) throws SQLException {
    var ids = new HashSet<Long>();
    try (var rows = statement.executeQuery()) {
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
    }
    return ids;
  }
}
