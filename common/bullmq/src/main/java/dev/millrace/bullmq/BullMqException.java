package dev.millrace.bullmq;

import org.jspecify.annotations.Nullable;

/** Something about a queue or a job failed; the message says what, where and what can be done. */
public class BullMqException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BullMqException(String message) {
    super(message);
  }

  public BullMqException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
