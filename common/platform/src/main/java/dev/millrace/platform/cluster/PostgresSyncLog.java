package dev.millrace.platform.cluster;

import dev.millrace.cluster.Payload;
import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.sync.SyncLog;
import dev.millrace.cluster.sync.Transaction;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.DatabaseUnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jspecify.annotations.Nullable;

/** Keeps sync messages in PostgreSQL for a day: an outbox that every node reads. */
public final class PostgresSyncLog implements SyncLog {
  private static final Duration KEPT = Duration.ofDays(1);
  private static final Duration PRUNED_EVERY = Duration.ofMinutes(10);

  private final Database database;
  private volatile long pruned = System.nanoTime();

  public PostgresSyncLog(Database database) {
    this.database = database;
  }

  /**
   * {@inheritDoc}
   *
   * @param transaction a {@link JdbiTransaction} of this database
   */
  @Override
  public void append(
      String channel,
      String origin,
      Payload message,
      @Nullable Transaction transaction,
      Runnable appended) {
    switch (transaction) {
      case null -> {
        with(handle -> insert(handle, channel, origin, message));
        appended.run();
      }
      case JdbiTransaction(var handle) -> {
        insert(handle, channel, origin, message);
        handle.afterCommit(appended);
      }
      default ->
          throw new IllegalArgumentException(
              "a JdbiTransaction is needed, not a " + transaction.getClass().getName());
    }
  }

  private static int insert(Handle handle, String channel, String origin, Payload message) {
    return handle
        .createUpdate(
            """
            INSERT INTO millrace.sync_message (channel, origin, message)
            VALUES (:channel, :origin, :message)
            """)
        .bind("channel", channel)
        .bind("origin", origin)
        .bind("message", message.json())
        .execute();
  }

  @Override
  public Map<String, Long> number() {
    var some =
        with(handle ->
            handle
                .createQuery(
                    "SELECT EXISTS (SELECT FROM millrace.sync_message WHERE number IS NULL)")
                .mapTo(Boolean.class)
                .one());
    var prune = System.nanoTime() - pruned > PRUNED_EVERY.toNanos();
    if (!some && !prune) {
      return Map.of();
    }
    return inTransaction(handle -> {
      // The lock of the row lets one node at a time number; the next statement sees its work.
      var last =
          handle
              .createQuery("SELECT last FROM millrace.sync_counter FOR UPDATE")
              .mapTo(Long.class)
              .one();
      var newest = number(handle, last);
      if (prune) {
        prune(handle);
        pruned = System.nanoTime();
      }
      return newest;
    });
  }

  private static Map<String, Long> number(Handle handle, long last) {
    var newest = new HashMap<String, Long>();
    handle
        .createQuery(
            """
            WITH unnumbered AS (
              SELECT id, row_number() OVER (ORDER BY id) AS place
              FROM millrace.sync_message WHERE number IS NULL
            ), numbered AS (
              UPDATE millrace.sync_message AS m SET number = :last + u.place
              FROM unnumbered AS u WHERE m.id = u.id
              RETURNING m.channel, m.number
            )
            SELECT channel, max(number) AS number FROM numbered GROUP BY channel
            """)
        .bind("last", last)
        .map((row, context) -> newest.put(row.getString("channel"), row.getLong("number")))
        .list();
    newest.values().stream()
        .max(Long::compare)
        .ifPresent(number ->
            handle
                .createUpdate("UPDATE millrace.sync_counter SET last = :last")
                .bind("last", number)
                .execute());
    return newest;
  }

  private static void prune(Handle handle) {
    handle
        .createUpdate(
            """
            WITH gone AS (
              DELETE FROM millrace.sync_message
              WHERE number IS NOT NULL AND created_at < now() - make_interval(secs => :seconds)
              RETURNING number
            )
            UPDATE millrace.sync_counter
            SET forgotten = greatest(forgotten, (SELECT coalesce(max(number), 0) FROM gone))
            """)
        .bind("seconds", KEPT.toSeconds())
        .execute();
  }

  @Override
  public long last() {
    return counter("last");
  }

  @Override
  public long forgotten() {
    return counter("forgotten");
  }

  private long counter(String column) {
    return with(handle ->
        handle
            .createQuery("SELECT " + column + " FROM millrace.sync_counter")
            .mapTo(Long.class)
            .one());
  }

  @Override
  public List<Entry> read(String channel, long after, int limit) {
    return with(handle ->
        handle
            .createQuery(
                """
                SELECT number, origin, message FROM millrace.sync_message
                WHERE channel = :channel AND number > :after ORDER BY number LIMIT :limit
                """)
            .bind("channel", channel)
            .bind("after", after)
            .bind("limit", limit)
            .map((row, context) ->
                new Entry(
                    row.getLong("number"),
                    row.getString("origin"),
                    new Payload(row.getString("message"))))
            .list());
  }

  private <R> R with(HandleCallback<R, RuntimeException> work) {
    try {
      return database.with(work);
    } catch (DatabaseUnavailableException e) {
      throw new UnavailableException(e.getMessage() + "", e);
    }
  }

  private <R> R inTransaction(HandleCallback<R, RuntimeException> work) {
    try {
      return database.inTransaction(work);
    } catch (DatabaseUnavailableException e) {
      throw new UnavailableException(e.getMessage() + "", e);
    }
  }
}
