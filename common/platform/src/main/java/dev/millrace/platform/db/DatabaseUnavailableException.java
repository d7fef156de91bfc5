package dev.millrace.platform.db;

import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL could not be reached, broke the connection off, or did not answer in time. The same
 * call may succeed later; whether a write took effect is not known.
 */
public final class DatabaseUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DatabaseUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
