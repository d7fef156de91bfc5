package dev.millrace.platform.history;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TextColumns;
import dev.millrace.platform.history.JobHistory.HourOfQueue;
import dev.millrace.platform.history.JobHistory.Sums;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The history of jobs in PostgreSQL. Thread-safe; times are UTC. */
public final class JobHistoryStore {
  private final Database database;

  public JobHistoryStore(Database database) {
    this.database = database;
  }

  /** What a series tells. */
  public enum Metric {
    COMPLETED("completed"),
    FAILED("failed"),
    /** The longest that a job which began then had waited, in ms. */
    QUEUE_AGE("queueage");

    private final String wireName;

    Metric(String wireName) {
      this.wireName = wireName;
    }

    /** Returns its name in the dashboard's requests. */
    public String wireName() {
      return wireName;
    }
  }

  /** Which time is told. */
  public enum Latency {
    RUN_TIME("runtime"),
    WAIT_TIME("waittime");

    private final String wireName;

    Latency(String wireName) {
      this.wireName = wireName;
    }

    /** Returns its name in the dashboard's requests. */
    public String wireName() {
      return wireName;
    }
  }

  /** How wide a point is. */
  public enum Granularity {
    HOUR("date_trunc('hour', hour)"),
    DAY("date_trunc('day', hour)"),
    /** One point for all of it. */
    RANGE("to_timestamp(:from / 1000.0)");

    private final String sql;

    Granularity(String sql) {
      this.sql = sql;
    }
  }

  /**
   * What is asked for.
   *
   * @param queue null for all together
   * @param from ms since 1970; the hour that it is in counts
   * @param to ms since 1970; the hour that it is in counts
   */
  public record Range(@Nullable String queue, long from, long to, Granularity granularity) {}

  /**
   * A point of a series.
   *
   * @param at when it begins, ms since 1970
   */
  public record Point(long at, long value) {}

  /**
   * A point of a series of percentiles.
   *
   * @param jobs how many there were
   * @param millis ms by percentile
   */
  public record Percentiles(long at, long jobs, SortedMap<Double, Double> millis) {}

  /**
   * What is stored of a queue.
   *
   * @param bytes about how many bytes its rows have
   * @param days the days of which there is something, the first first
   */
  public record Usage(String queue, long rows, long bytes, List<LocalDate> days) {}

  private record Bucket(long at, int bucket, long jobs) {}

  /** Returns a series, the oldest point first; points without a job are left out. */
  public List<Point> series(Metric metric, Range range) {
    var column =
        switch (metric) {
          case COMPLETED -> "sum(completed)";
          case FAILED -> "sum(failed)";
          case QUEUE_AGE -> "max(oldest_wait_ms)";
        };
    var sql =
        """
        SELECT (extract(epoch FROM %s) * 1000)::bigint AS at, %s::bigint AS value
        FROM millrace.job_history
        WHERE (CAST(:queue AS text) IS NULL OR queue = :queue)
          AND hour >= date_trunc('hour', to_timestamp(:from / 1000.0))
          AND hour <= to_timestamp(:to / 1000.0)
        GROUP BY 1 ORDER BY 1
        """
            .formatted(range.granularity().sql, column);
    return database.with(handle ->
        bind(handle, sql, range)
            .map((row, context) -> new Point(row.getLong("at"), row.getLong("value")))
            .list());
  }

  /**
   * Returns percentiles, the oldest point first.
   *
   * @param percentiles 0 to 100
   */
  public List<Percentiles> latency(Latency latency, Range range, List<Double> percentiles) {
    var sql =
        """
        SELECT (extract(epoch FROM %s) * 1000)::bigint AS at, bucket, sum(jobs)::bigint AS jobs
        FROM millrace.job_latency
        WHERE (CAST(:queue AS text) IS NULL OR queue = :queue) AND metric = :metric
          AND hour >= date_trunc('hour', to_timestamp(:from / 1000.0))
          AND hour <= to_timestamp(:to / 1000.0)
        GROUP BY 1, 2 ORDER BY 1, 2
        """
            .formatted(range.granularity().sql);
    var buckets =
        database.with(handle ->
            bind(handle, sql, range)
                .bind("metric", latency.wireName())
                .map((row, context) ->
                    new Bucket(row.getLong("at"), row.getInt("bucket"), row.getLong("jobs")))
                .list());
    var byTime = new TreeMap<Long, List<Bucket>>();
    buckets.forEach(b -> byTime.computeIfAbsent(b.at(), _ -> new ArrayList<>()).add(b));
    return byTime.entrySet().stream()
        .map(entry -> percentiles(entry.getKey(), entry.getValue(), percentiles))
        .toList();
  }

  private static Percentiles percentiles(long at, List<Bucket> buckets, List<Double> wanted) {
    var jobs = buckets.stream().mapToLong(Bucket::jobs).sum();
    var millis = new TreeMap<Double, Double>();
    for (var percentile : wanted) {
      // The nearest rank: the least time that so many percent of the jobs did not exceed.
      var rank = Math.max(1, (long) Math.ceil(percentile / 100 * jobs));
      var seen = 0L;
      for (var bucket : buckets) {
        seen += bucket.jobs();
        if (seen >= rank) {
          millis.put(percentile, Math.rint(Buckets.middle(bucket.bucket()) * 10) / 10);
          break;
        }
      }
    }
    return new Percentiles(at, jobs, millis);
  }

  private static org.jdbi.v3.core.statement.Query bind(Handle handle, String sql, Range range) {
    return handle
        .createQuery(sql)
        .bind("queue", range.queue())
        .bind("from", range.from())
        .bind("to", range.to());
  }

  /** Returns what is stored, by queue. */
  public List<Usage> usage() {
    record Day(String queue, LocalDate day, long rows, long bytes) {}
    var days =
        database.with(handle ->
            handle
                .createQuery(
                    """
                    SELECT queue, hour::date::text AS day, count(*) AS rows, sum(bytes) AS bytes
                    FROM (SELECT queue, hour, pg_column_size(h) AS bytes FROM millrace.job_history h
                          UNION ALL
                          SELECT queue, hour, pg_column_size(l) FROM millrace.job_latency l) AS r
                    GROUP BY 1, 2 ORDER BY 1, 2
                    """)
                .map((row, context) ->
                    new Day(
                        row.getString("queue"),
                        LocalDate.parse(row.getString("day")),
                        row.getLong("rows"),
                        row.getLong("bytes")))
                .list());
    var byQueue = new TreeMap<String, List<Day>>(Comparator.naturalOrder());
    days.forEach(day -> byQueue.computeIfAbsent(day.queue(), _ -> new ArrayList<>()).add(day));
    return byQueue.entrySet().stream()
        .map(entry ->
            new Usage(
                entry.getKey(),
                entry.getValue().stream().mapToLong(Day::rows).sum(),
                entry.getValue().stream().mapToLong(Day::bytes).sum(),
                entry.getValue().stream().map(Day::day).toList()))
        .toList();
  }

  /**
   * Deletes history.
   *
   * @param queue null for all queues
   * @param before only what happened before this day; null for all
   * @return how many rows
   */
  public int purge(@Nullable String queue, @Nullable LocalDate before) {
    return database.inTransaction(handle -> {
      var rows = 0;
      for (var table : List.of("job_history", "job_latency")) {
        rows +=
            handle
                .createUpdate(
                    """
                    DELETE FROM millrace.%s
                    WHERE (CAST(:queue AS text) IS NULL OR queue = :queue)
                      AND (CAST(:before AS date) IS NULL OR hour < CAST(:before AS date))
                    """
                        .formatted(table))
                .bind("queue", queue)
                .bind("before", before == null ? null : before.toString())
                .execute();
      }
      return rows;
    });
  }

  void add(Map<HourOfQueue, Sums> sums) {
    var counts = new TextColumns();
    var times = new TextColumns();
    // In one order, so that processes which store at the same time do not wait for each other.
    var hours = new ArrayList<>(sums.keySet());
    hours.sort(Comparator.comparing(HourOfQueue::queue).thenComparing(HourOfQueue::hour));
    for (var hour : hours) {
      var of = sums.get(hour);
      if (of == null) {
        continue;
      }
      counts
          .add("queue", hour.queue())
          .add("hour", hour.hour())
          .add("completed", of.completed)
          .add("failed", of.failed)
          .add("oldest", of.oldestWait);
      addTimes(times, hour, Latency.RUN_TIME, of.runTimes);
      addTimes(times, hour, Latency.WAIT_TIME, of.waitTimes);
    }
    database.<Void>inTransaction(handle -> {
      addCounts(handle, counts);
      addLatencies(handle, times);
      return null;
    });
  }

  private static void addTimes(
      TextColumns rows, HourOfQueue hour, Latency metric, Map<Integer, Long> buckets) {
    new TreeMap<>(buckets)
        .forEach((bucket, jobs) ->
            rows.add("queue", hour.queue())
                .add("hour", hour.hour())
                .add("metric", metric.wireName())
                .add("bucket", bucket)
                .add("jobs", jobs));
  }

  private static void addCounts(Handle handle, TextColumns rows) {
    try (var update =
        handle.createUpdate(
            """
            INSERT INTO millrace.job_history AS stored
                (queue, hour, completed, failed, oldest_wait_ms)
            SELECT * FROM unnest(:queue::text[], :hour::timestamptz[], :completed::bigint[],
                :failed::bigint[], :oldest::bigint[])
            ON CONFLICT (queue, hour) DO UPDATE
            SET completed = stored.completed + excluded.completed,
                failed = stored.failed + excluded.failed,
                oldest_wait_ms = greatest(stored.oldest_wait_ms, excluded.oldest_wait_ms)
            """)) {
      rows.bindTo(update).execute();
    }
  }

  private static void addLatencies(Handle handle, TextColumns rows) {
    try (var update =
        handle.createUpdate(
            """
            INSERT INTO millrace.job_latency AS stored (queue, hour, metric, bucket, jobs)
            SELECT * FROM unnest(:queue::text[], :hour::timestamptz[], :metric::text[],
                :bucket::smallint[], :jobs::bigint[])
            ON CONFLICT (queue, hour, metric, bucket) DO UPDATE
            SET jobs = stored.jobs + excluded.jobs
            """)) {
      rows.bindTo(update).execute();
    }
  }
}
