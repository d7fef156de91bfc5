package dev.millrace.pgjobs;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Reads payloads that are too large to be fetched with their jobs, as many as memory is meant for.
 */
final class Payloads {
  private static final int UNIT = 1_024;

  private final Database database;
  private final String size;
  private final String read;
  private final int units;
  private final Semaphore free;

  Payloads(Database database, Sql sql, long budget) {
    this.database = database;
    size = sql.in("SELECT octet_length(payload::text) FROM {schema}._private_jobs WHERE id = ?");
    read = sql.in("SELECT payload FROM {schema}._private_jobs WHERE id = ?");
    units = Math.clamp(budget / UNIT, 1, Integer.MAX_VALUE);
    free = new Semaphore(units);
  }

  /** A payload and the memory it takes. */
  record Lease(String text, Runnable release) implements AutoCloseable {
    @Override
    public void close() {
      release.run();
    }
  }

  /** Returns a job's payload; waits while others' take the memory. */
  Lease of(ActiveJob job, Duration limit) throws InterruptedException {
    var fetched = job.payload();
    if (fetched != null) {
      return new Lease(fetched, () -> {});
    }
    var what = "cannot read the payload of job " + job.id();
    var bytes = Long.parseLong(database.call(what, c -> single(c, size, job.id())));
    var wanted = bytes / UNIT + 1;
    if (wanted > units) {
      throw new IllegalStateException(
          "its payload has %,d bytes, more than the %,d that payloadBudget allows"
              .formatted(bytes, (long) units * UNIT));
    }
    if (!free.tryAcquire((int) wanted, limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException(
          "its payload of %,d bytes found no room beside those of other jobs in %s"
              .formatted(bytes, limit));
    }
    try {
      var text = database.call(what, c -> single(c, read, job.id()));
      return new Lease(text, () -> free.release((int) wanted));
    } catch (Throwable e) {
      free.release((int) wanted);
      throw e;
    }
  }

  private static String single(java.sql.Connection connection, String query, long id)
      throws SQLException {
    try (var statement = connection.prepareStatement(query)) {
      statement.setLong(1, id);
      try (var rows = statement.executeQuery()) {
        if (!rows.next()) {
          throw new SQLException("the job is gone", "02000");
        }
        return rows.getString(1);
      }
    }
  }
}
