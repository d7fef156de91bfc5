package dev.millrace.flows.model;

import org.jspecify.annotations.Nullable;

/** A file is no flow; the message says what it lacks. */
public final class FlowFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public FlowFormatException(String message) {
    this(message, null);
  }

  public FlowFormatException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
