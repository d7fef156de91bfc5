package dev.millrace.flows.engine;

import org.jspecify.annotations.Nullable;

/**
 * A run, or one node of it, failed. The message says what failed, where, and what to do; it is
 * shown to the client.
 */
public class FlowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public FlowException(String message) {
    super(message);
  }

  public FlowException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
