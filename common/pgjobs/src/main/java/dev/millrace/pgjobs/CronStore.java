package dev.millrace.pgjobs;

import dev.millrace.pgjobs.cron.CronItem;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is known of crontab items, and the statement that lets one process of many add a run. */
final class CronStore {
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final String register;
  private final String known;
  private final String add;

  CronStore(Sql sql) {
    register =
        sql.in(
            """
            INSERT INTO {schema}._private_known_crontabs (identifier, known_since)
              SELECT n, ? FROM unnest(?::text[]) n ORDER BY n
            ON CONFLICT DO NOTHING
            """);
    known =
        sql.in(
            """
            SELECT identifier, known_since, last_execution FROM {schema}._private_known_crontabs
            WHERE identifier = ANY (?)
            """);
    add =
        sql.in(
            """
            WITH spec AS (
              SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::integer[],
                  ?::text[], ?::text[], ?::integer[])
                s (identifier, task, payload, queue_name, max_attempts, job_key, mode, priority)
            ), due AS (
              INSERT INTO {schema}._private_known_crontabs AS k
                (identifier, known_since, last_execution)
                SELECT s.identifier, ?, ? FROM spec s ORDER BY s.identifier
              ON CONFLICT (identifier) DO UPDATE SET last_execution = excluded.last_execution
                WHERE k.last_execution IS NULL OR k.last_execution < excluded.last_execution
              RETURNING k.identifier
            )
            SELECT s.identifier, j.id
            FROM spec s JOIN due ON due.identifier = s.identifier
              CROSS JOIN LATERAL {schema}.add_job(
                identifier => s.task, payload => s.payload::json, queue_name => s.queue_name,
                run_at => ?, max_attempts => s.max_attempts, job_key => s.job_key,
                priority => s.priority, job_key_mode => s.mode) j
            """);
  }

  /** Makes items known, since {@code now} if they are new; returns until when each is done. */
  Map<String, Instant> register(Connection connection, Collection<String> identifiers, Instant now)
      throws SQLException {
    try (var statement = connection.prepareStatement(register)) {
      statement.setObject(1, JobRows.time(now));
      statement.setArray(2, JobRows.texts(connection, identifiers));
      statement.executeUpdate();
    }
    try (var statement = connection.prepareStatement(known)) {
      statement.setArray(1, JobRows.texts(connection, identifiers));
      var done = new HashMap<String, Instant>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          var last = JobRows.instantOrNull(rows, "last_execution");
          done.put(rows.getString(1), last != null ? last : JobRows.instant(rows, "known_since"));
        }
      }
      return done;
    }
  }

  /** Adds the jobs of a slot that nobody has added; returns how many. */
  int add(Connection connection, List<CronItem> items, Instant slot, boolean backfilled)
      throws SQLException {
    try (var statement = connection.prepareStatement(add)) {
      statement.setArray(1, texts(connection, items, CronItem::identifier));
      statement.setArray(2, texts(connection, items, CronItem::task));
      statement.setArray(3, texts(connection, items, item -> payload(item, slot, backfilled)));
      statement.setArray(4, texts(connection, items, CronItem::queueName));
      statement.setArray(5, texts(connection, items, item -> text(item.maxAttempts())));
      statement.setArray(6, texts(connection, items, CronItem::jobKey));
      statement.setArray(
          7,
          texts(
              connection,
              items,
              item -> item.preserveRunAt() ? "preserve_run_at" : JobKeyMode.REPLACE.sql()));
      statement.setArray(8, texts(connection, items, item -> text(item.priority())));
      for (var i = 9; i <= 11; i++) {
        statement.setObject(i, JobRows.time(slot));
      }
      var added = 0;
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          added++;
        }
      }
      return added;
    }
  }

  private static String payload(CronItem item, Instant slot, boolean backfilled) {
    var payload = item.payload().deepCopy();
    payload.putObject("_cron").put("ts", ISO.format(slot)).put("backfilled", backfilled);
    return payload.toString();
  }

  private static @Nullable String text(@Nullable Integer value) {
    return value == null ? null : value.toString();
  }

  private static java.sql.Array texts(
      Connection connection, List<CronItem> items, Function<CronItem, @Nullable String> column)
      throws SQLException {
    var values = new ArrayList<@Nullable String>(items.size());
    items.forEach(item -> values.add(column.apply(item)));
    return JobRows.texts(connection, values);
  }
}
