package dev.millrace.bullmq;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by a {@link Processor} to fail the job for good, whatever attempts it has left. It is what
 * Node calls {@code UnrecoverableError}.
 */
public class UnrecoverableJobException extends BullMqException {
  private static final long serialVersionUID = 1L;

  public UnrecoverableJobException(String message) {
    super(message);
  }

  public UnrecoverableJobException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
