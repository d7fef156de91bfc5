package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import tools.jackson.core.JacksonException;

/** Listens on a connection of its own, and opens another when it breaks. */
final class Notifications {
  private static final long FIRST_PAUSE_MS = 100;
  private static final long LONGEST_PAUSE_MS = 60_000;

  /** How long to listen before asking whether the connection is alive. */
  private static final int QUIET_MS = 10_000;

  private static final int ALIVE_LIMIT_S = 5;

  private final DataSource source;
  private final Heard heard;
  private final RunnerEvents events;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** By which this listener is told to end; nobody else listens to it. */
  private final String farewell = "pgjobs:" + Pool.newId(false);

  private volatile @Nullable Connection open;

  /** Hears what is notified of. */
  interface Heard {
    /** There may be jobs. */
    void jobs();

    /** The schema was migrated to a revision. */
    void migrated(int revision, boolean breaking);
  }

  Notifications(DataSource source, Heard heard, RunnerEvents events) {
    this.source = source;
    this.heard = heard;
    this.events = events;
  }

  void start(String name) {
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  private void run() {
    var pause = FIRST_PAUSE_MS;
    try {
      do {
        var began = System.nanoTime();
        try (var connection = source.getConnection()) {
          open = connection;
          listen(connection);
        } catch (SQLException | RuntimeException e) {
          if (!isClosed()) {
            events.error("cannot listen for jobs, so they are found by polling", e);
          }
        }
        open = null;
        // One that held for a while is no reason to wait for long.
        pause =
            System.nanoTime() - began > TimeUnit.SECONDS.toNanos(10)
                ? FIRST_PAUSE_MS
                : Math.min(2 * pause, LONGEST_PAUSE_MS);
      } while (!closed.await(
          ThreadLocalRandom.current().nextLong(pause / 2, pause + 1), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended.countDown();
    }
  }

  private void listen(Connection connection) throws SQLException {
    connection.setAutoCommit(true);
    execute(connection, "LISTEN \"worker:migrate\"");
    execute(connection, "LISTEN \"jobs:insert\"");
    execute(connection, "LISTEN \"" + farewell + "\"");
    // What was notified of while nobody listened.
    heard.jobs();
    var postgres = connection.unwrap(PGConnection.class);
    try {
      while (!isClosed()) {
        var notes = postgres.getNotifications(QUIET_MS);
        if (notes != null && notes.length > 0) {
          hear(notes);
        } else if (!isClosed() && !connection.isValid(ALIVE_LIMIT_S)) {
          throw new SQLException("the connection is dead", "08006");
        }
      }
    } finally {
      if (!connection.isClosed()) {
        execute(connection, "UNLISTEN *");
      }
    }
  }

  private static void execute(Connection connection, String text) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  private void hear(PGNotification[] notes) {
    var areJobs = false;
    for (var note : notes) {
      switch (note.getName()) {
        case "jobs:insert" -> areJobs = true;
        case "worker:migrate" -> hearMigration(note.getParameter());
        default -> {
          // The farewell: it was enough to wake up.
        }
      }
    }
    if (areJobs) {
      heard.jobs();
    }
  }

  private void hearMigration(String json) {
    try {
      var note = Json.tree(json);
      heard.migrated(note.path("migrationNumber").asInt(0), note.path("breaking").asBoolean(false));
    } catch (JacksonException e) {
      // Anybody may notify anything.
      events.error("a notification of worker:migrate is not JSON", e);
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  /** Ends listening, at the latest after {@code limitMs}. */
  void close(long limitMs) throws InterruptedException {
    closed.countDown();
    try (var other = source.getConnection();
        var statement = other.createStatement()) {
      statement.execute("NOTIFY \"" + farewell + "\"");
      if (!other.getAutoCommit()) {
        other.commit();
      }
    } catch (SQLException e) {
      events.error("the listening connection cannot be told to end", e);
    }
    if (!ended.await(limitMs, TimeUnit.MILLISECONDS)) {
      breakOff();
    }
  }

  private void breakOff() {
    var connection = open;
    if (connection != null) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        events.error("cannot break off the listening connection", e);
      }
    }
  }
}
