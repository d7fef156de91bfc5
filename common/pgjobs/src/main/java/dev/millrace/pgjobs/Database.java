package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Takes connections of a data source for a call each; errors become {@link PgJobsException}s. */
record Database(DataSource source) {
  /** What is done with a connection. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    T run(Connection connection) throws SQLException;
  }

  /** Does something outside transactions; again where PostgreSQL could not serialise it. */
  <T extends @Nullable Object> T call(String what, Work<T> work) {
    return retried(what, work, true);
  }

  /** Does something in a transaction; again where PostgreSQL could not serialise it. */
  <T extends @Nullable Object> T transaction(String what, Work<T> work) {
    return retried(what, work, false);
  }

  private <T extends @Nullable Object> T retried(String what, Work<T> work, boolean autoCommit) {
    for (var attempt = 1; ; attempt++) {
      try (var connection = source.getConnection()) {
        var before = connection.getAutoCommit();
        connection.setAutoCommit(autoCommit);
        try {
          var result = work.run(connection);
          if (!autoCommit) {
            connection.commit();
          }
          return result;
        } catch (Throwable e) {
          if (!autoCommit) {
            rollBack(connection, e);
          }
          throw e;
        } finally {
          if (before != autoCommit && !connection.isClosed()) {
            connection.setAutoCommit(before);
          }
        }
      } catch (SQLException e) {
        if (!SqlErrors.isConflict(e) || !SqlErrors.pauseBeforeRetry(attempt)) {
          throw SqlErrors.translated(what, e);
        }
      } catch (PgJobsException e) {
        // Of a call within the work, which has translated it.
        if (!SqlErrors.isConflict(e.sqlState()) || !SqlErrors.pauseBeforeRetry(attempt)) {
          throw e;
        }
      }
    }
  }

  private static void rollBack(Connection connection, Throwable reason) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      // The connection is gone, and the transaction with it.
      reason.addSuppressed(e);
    }
  }
}
