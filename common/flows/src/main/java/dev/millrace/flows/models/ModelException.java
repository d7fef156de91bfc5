package dev.millrace.flows.models;

import dev.millrace.flows.engine.FlowException;
import org.jspecify.annotations.Nullable;

/** A model refused, failed, or did not answer in time; the message carries the provider's words. */
public final class ModelException extends FlowException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status the HTTP status of the provider, 0 when there was no answer
   */
  public ModelException(String message, int status, @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
