package dev.millrace.pgjobs;

/**
 * The schema is not one this library can work with: a newer revision broke with ours, or it is
 * older than graphile-worker 0.16. Nothing was changed.
 */
public final class SchemaVersionException extends PgJobsException {
  /** What graphile-worker's own processes exit with in this case. */
  public static final int EXIT_CODE = 57;

  SchemaVersionException(String message) {
    super(message);
  }
}
