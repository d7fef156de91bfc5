package dev.millrace.flows.models;

import dev.millrace.flows.engine.FlowException;
import org.jspecify.annotations.Nullable;

/** A model refused, failed, or did not answer in time; the message carries the provider's words. */
public final class ModelException extends FlowException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final @Nullable String input;

  /**
   * @param status the HTTP status of the provider, 0 when there was no answer
   */
  public ModelException(String message, int status, @Nullable Throwable cause) {
    this(message, status, null, cause);
  }

  private ModelException(
      String message, int status, @Nullable String input, @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
    this.input = input;
  }

  /**
   * A failure that an input of the node is to blame for.
   *
   * @param input its name without the node's prefix, e.g. {@code ModelConfig}
   */
  static ModelException of(String input, String message, @Nullable Throwable cause) {
    return new ModelException(message, 0, input, cause);
  }

  /** Returns the same failure in other words, without its cause, which may have the old ones. */
  ModelException saying(String message) {
    return new ModelException(message, status, input, null);
  }

  public int status() {
    return status;
  }

  /** Returns the input that is to blame, without the node's prefix; null when none is. */
  public @Nullable String input() {
    return input;
  }
}
