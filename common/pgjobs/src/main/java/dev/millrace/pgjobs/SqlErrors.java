package dev.millrace.pgjobs;

import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Tells errors of PostgreSQL apart. */
final class SqlErrors {
  private static final int MAX_ATTEMPTS = 8;
  private static final long FIRST_PAUSE_MS = 10;
  private static final long LONGEST_PAUSE_MS = 1_000;

  private SqlErrors() {}

  static String state(SQLException e) {
    var state = e.getSQLState();
    return state == null ? "" : state;
  }

  /** Serialisation failures and deadlocks: the same again may succeed. */
  static boolean isConflict(SQLException e) {
    return isConflict(state(e));
  }

  static boolean isConflict(String state) {
    return state.equals("40001") || state.equals("40P01");
  }

  /** Whether the data is to blame, so that the same again would fail the same. */
  static boolean isBadData(SQLException e) {
    return state(e).startsWith("22") || state(e).startsWith("23");
  }

  /** Whether somebody else created it at the same moment. */
  static boolean isCreatedMeanwhile(SQLException e) {
    return switch (state(e)) {
      // unique violation (also of the catalogues), schema, table, object, function exists
      case "23505", "42P06", "42P07", "42710", "42723" -> true;
      default -> false;
    };
  }

  /** Whether a table, a column or a schema is not there. */
  static boolean isMissing(SQLException e) {
    return switch (state(e)) {
      case "42P01", "42703", "3F000" -> true;
      default -> false;
    };
  }

  /** Whether the role lacks a right. */
  static boolean isForbidden(SQLException e) {
    return state(e).equals("42501");
  }

  static PgJobsException translated(String what, SQLException e) {
    var isAway =
        e instanceof SQLTransientException
            || state(e).startsWith("08")
            || state(e).startsWith("57P")
            || state(e).startsWith("53");
    var hint = isAway ? " (PostgreSQL is away or busy: try again)" : "";
    return new PgJobsException(
        "%s: %s%s".formatted(what, ErrorText.clip(String.valueOf(e.getMessage())), hint),
        state(e),
        e);
  }

  /** Waits a little, longer each time; returns false when there were attempts enough. */
  static boolean pauseBeforeRetry(int attempt) {
    if (attempt >= MAX_ATTEMPTS) {
      return false;
    }
    var longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << attempt);
    try {
      TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
