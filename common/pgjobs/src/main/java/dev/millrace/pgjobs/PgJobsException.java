package dev.millrace.pgjobs;

import org.jspecify.annotations.Nullable;

/** PostgreSQL refused something or is away; the message says what was tried. */
public class PgJobsException extends RuntimeException {
  private final String sqlState;

  PgJobsException(String message) {
    this(message, "", null);
  }

  PgJobsException(String message, String sqlState, @Nullable Throwable cause) {
    super(message, cause);
    this.sqlState = sqlState;
  }

  /** Returns PostgreSQL's SQLSTATE, or an empty string when the error is not PostgreSQL's. */
  public String sqlState() {
    return sqlState;
  }
}
