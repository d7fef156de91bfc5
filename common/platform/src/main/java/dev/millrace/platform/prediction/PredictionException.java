package dev.millrace.platform.prediction;

import org.jspecify.annotations.Nullable;

/** A prediction did not end with an answer. */
public final class PredictionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why there is no answer. */
  public enum Reason {
    /** The flow, or a node of it, failed; the message is its own. */
    FLOW_FAILED,
    /** Somebody aborted it. */
    ABORTED,
    /** No answer came within the limit; the run may still go on. */
    TIMEOUT,
    /** The queue cannot be reached, or lost the job. */
    UNAVAILABLE
  }

  private final Reason reason;

  public PredictionException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public PredictionException(Reason reason, String message) {
    this(reason, message, null);
  }

  public Reason reason() {
    return reason;
  }
}
