package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Claims jobs. One statement takes the best of two sources: jobs without a queue, and the first job
 * of each free queue; so it never takes two of one queue, and neither a queue that is busy nor jobs
 * whose time has not come are in its way: both are walked by their indexes, priority by priority.
 */
final class JobSource {
  /** Beyond this many bytes as stored, a payload is left where it is until its job begins. */
  private static final int LARGE = 100_000;

  /** How long the ids of names are believed; somebody may clean up and add them again. */
  private static final long KNOWN_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final int MAX_QUEUES = 10_000;

  private final Sql sql;
  private final Set<String> names;
  private final @Nullable InstantSource clock;
  private final String fetch;

  /** Ids of our tasks' names; used by one fetch at a time, since they share a connection. */
  private Map<Integer, String> tasks = Map.of();

  private long askedAt;
  private final Map<Integer, String> queues = new HashMap<>();

  JobSource(Sql sql, Set<String> names, @Nullable InstantSource clock) {
    this.sql = sql;
    this.names = names;
    this.clock = clock;
    fetch = sql.in(fetchText());
  }

  private static String fetchText() {
    var wanted =
        """
        j.run_at <= coalesce((SELECT p.now FROM p), now())
              AND j.task_id = ANY ((SELECT p.tasks FROM p)::integer[])
              AND (j.flags IS NULL OR NOT j.flags ??| (SELECT p.forbidden FROM p)::text[])\
        """;
    return """
    WITH RECURSIVE p (now, tasks, forbidden) AS MATERIALIZED (
      SELECT ?::timestamptz, ?::integer[], ?::text[]
    ),
    level (priority) AS (
      (SELECT j.priority FROM {schema}._private_jobs j
        WHERE j.is_available AND j.job_queue_id IS NULL
        ORDER BY j.priority LIMIT 1)
      UNION ALL
      SELECT n.priority FROM level CROSS JOIN LATERAL (
        SELECT j.priority FROM {schema}._private_jobs j
        WHERE j.is_available AND j.job_queue_id IS NULL AND j.priority > level.priority
        ORDER BY j.priority LIMIT 1) n
    ),
    free AS MATERIALIZED (
      SELECT f.id, f.priority, f.run_at FROM level CROSS JOIN LATERAL (
        SELECT j.id, j.priority, j.run_at FROM {schema}._private_jobs j
        WHERE j.is_available AND j.job_queue_id IS NULL AND j.priority = level.priority
          AND %1$s
        ORDER BY j.run_at LIMIT ? FOR UPDATE OF j SKIP LOCKED) f
      LIMIT ?
    ),
    pair (queue, priority) AS (
      (SELECT j.job_queue_id, j.priority FROM {schema}._private_jobs j
        WHERE j.is_available AND j.job_queue_id IS NOT NULL
        ORDER BY j.job_queue_id, j.priority LIMIT 1)
      UNION ALL
      SELECT n.job_queue_id, n.priority FROM pair CROSS JOIN LATERAL (
        SELECT j.job_queue_id, j.priority FROM {schema}._private_jobs j
        WHERE j.is_available AND j.job_queue_id IS NOT NULL
          AND (j.job_queue_id, j.priority) > (pair.queue, pair.priority)
        ORDER BY j.job_queue_id, j.priority LIMIT 1) n
    ),
    first AS MATERIALIZED (
      SELECT DISTINCT ON (pair.queue) pair.queue, f.id, pair.priority, f.run_at
      FROM pair
        JOIN {schema}._private_job_queues q ON q.id = pair.queue AND q.is_available
        CROSS JOIN LATERAL (
          SELECT j.id, j.run_at FROM {schema}._private_jobs j
          WHERE j.is_available AND j.job_queue_id IS NOT NULL AND j.job_queue_id = pair.queue
            AND j.priority = pair.priority AND %1$s
          ORDER BY j.run_at LIMIT 1) f
      ORDER BY pair.queue, pair.priority
    ),
    head AS MATERIALIZED (
      SELECT j.id, first.priority, first.run_at, q.id AS queue
      FROM first
        JOIN {schema}._private_jobs j ON j.id = first.id
        JOIN {schema}._private_job_queues q ON q.id = first.queue
      WHERE j.is_available AND q.is_available
        -- Once more: the job may have got other values since the statement began. Not by =, which
        -- would make the planner walk the queue's index for a row whose id is known.
        AND j.job_queue_id IS NOT DISTINCT FROM q.id AND %1$s
      ORDER BY first.priority, first.run_at LIMIT ? FOR UPDATE OF j, q SKIP LOCKED
    ),
    chosen AS MATERIALIZED (
      SELECT c.id, c.queue FROM (
        SELECT id, priority, run_at, NULL::integer AS queue FROM free
        UNION ALL
        SELECT id, priority, run_at, queue FROM head) c
      ORDER BY c.priority, c.run_at LIMIT ?
    ),
    locked AS (
      UPDATE {schema}._private_job_queues SET locked_at = now(), locked_by = ?
      WHERE id = ANY (ARRAY(SELECT queue FROM chosen WHERE queue IS NOT NULL))
    )
    UPDATE {schema}._private_jobs j SET
      attempts = j.attempts + 1, locked_at = now(), locked_by = ?
    WHERE j.id = ANY (ARRAY(SELECT id FROM chosen))
    RETURNING j.id, j.task_id, j.job_queue_id, j.priority, j.run_at, j.attempts, j.max_attempts,
      j.last_error, j.created_at, j.updated_at, j.key, j.locked_at, j.revision, j.flags,
      CASE WHEN pg_column_size(j.payload) <= %2$d THEN j.payload END AS payload
    """
        .formatted(wanted, LARGE);
  }

  /**
   * Claims jobs for a pool, at most {@code limit}, best first.
   *
   * @param forbidden flags that none of them may have
   */
  List<ActiveJob> fetch(Connection connection, String pool, int limit, Set<String> forbidden)
      throws SQLException {
    if (tasks.size() < names.size() || System.nanoTime() - askedAt > KNOWN_NANOS) {
      tasks = taskIds(connection);
      askedAt = System.nanoTime();
    }
    try (var statement = connection.prepareStatement(fetch)) {
      var now = clock == null ? null : JobRows.time(clock.instant());
      statement.setObject(1, now, Types.TIMESTAMP_WITH_TIMEZONE);
      statement.setArray(2, connection.createArrayOf("integer", tasks.keySet().toArray()));
      statement.setArray(3, JobRows.texts(connection, forbidden));
      for (var i = 4; i <= 7; i++) {
        statement.setInt(i, limit);
      }
      statement.setString(8, pool);
      statement.setString(9, pool);
      var jobs = new ArrayList<ActiveJob>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          jobs.add(job(connection, rows, pool));
        }
      }
      jobs.sort(
          Comparator.comparingInt((ActiveJob j) -> j.job().priority())
              .thenComparing(j -> j.job().runAt())
              .thenComparingLong(ActiveJob::id));
      return jobs;
    }
  }

  private ActiveJob job(Connection connection, ResultSet row, String pool) throws SQLException {
    var queueId = row.getInt(3);
    var flags = row.getString(14);
    var job =
        new Job(
            row.getLong(1),
            tasks.getOrDefault(row.getInt(2), ""),
            queueId == 0 ? null : queueName(connection, queueId),
            row.getInt(4),
            JobRows.instant(row, 5),
            row.getInt(6),
            row.getInt(7),
            row.getString(8),
            JobRows.instant(row, 9),
            JobRows.instant(row, 10),
            row.getString(11),
            JobRows.instant(row, 12),
            pool,
            row.getInt(13),
            flags == null ? Set.of() : JobRows.flags(flags));
    return new ActiveJob(job, queueId, row.getString(15), pool);
  }

  /**
   * Makes sure that the names of our tasks are known, as Node's workers do, and returns their ids.
   */
  private Map<Integer, String> taskIds(Connection connection) throws SQLException {
    var insert =
        """
        INSERT INTO {schema}._private_tasks (identifier)
          SELECT n.name FROM unnest(?::text[]) n (name)
          WHERE NOT EXISTS (SELECT FROM {schema}._private_tasks t WHERE t.identifier = n.name)
          ORDER BY n.name
        ON CONFLICT DO NOTHING
        """;
    var select = "SELECT id, identifier FROM {schema}._private_tasks WHERE identifier = ANY (?)";
    try (var inserting = connection.prepareStatement(sql.in(insert));
        var selecting = connection.prepareStatement(sql.in(select))) {
      inserting.setArray(1, JobRows.texts(connection, names));
      inserting.executeUpdate();
      selecting.setArray(1, JobRows.texts(connection, names));
      var ids = new HashMap<Integer, String>();
      try (var rows = selecting.executeQuery()) {
        while (rows.next()) {
          ids.put(rows.getInt(1), rows.getString(2));
        }
      }
      return Map.copyOf(ids);
    }
  }

  private String queueName(Connection connection, int id) throws SQLException {
    var known = queues.get(id);
    if (known != null) {
      return known;
    }
    var query = sql.in("SELECT queue_name FROM {schema}._private_job_queues WHERE id = ?");
    try (var statement = connection.prepareStatement(query)) {
      statement.setInt(1, id);
      try (var rows = statement.executeQuery()) {
        var name = rows.next() ? rows.getString(1) : "";
        if (queues.size() >= MAX_QUEUES) {
          queues.clear();
        }
        queues.put(id, name);
        return name;
      }
    }
  }
}
