package dev.millrace.flows.net;

import dev.millrace.flows.engine.FlowException;
import org.jspecify.annotations.Nullable;

/** A request was refused or got no usable answer. */
public final class FetchException extends FlowException {
  private static final long serialVersionUID = 1L;

  public FetchException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
