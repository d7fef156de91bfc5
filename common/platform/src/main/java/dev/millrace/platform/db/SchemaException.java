package dev.millrace.platform.db;

import org.jspecify.annotations.Nullable;

/** The tables of the database are not, and could not be made, what this version needs. */
public final class SchemaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SchemaException(String message) {
    this(message, null);
  }

  public SchemaException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
