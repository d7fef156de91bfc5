package dev.millrace.pgjobs;

import org.jspecify.annotations.Nullable;

/** Thrown by a task whose job must not be tried again, whatever its attempts. */
public final class PermanentFailureException extends RuntimeException {
  /** Fails the job for good; the message becomes its {@code last_error}. */
  public PermanentFailureException(String message) {
    this(message, null);
  }

  /** Fails the job for good; the message becomes its {@code last_error}. */
  public PermanentFailureException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
