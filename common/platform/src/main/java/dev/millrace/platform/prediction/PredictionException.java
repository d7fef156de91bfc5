package dev.millrace.platform.prediction;

import java.time.Duration;
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

  /** How a cancelled run calls itself, in Flowise's words. */
  public static final String CANCELLED = "Flow execution was cancelled";

  private final Reason reason;

  public PredictionException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public PredictionException(Reason reason, String message) {
    this(reason, message, null);
  }

  /** Returns the exception for a job that a worker failed with this reason. */
  static PredictionException ofFailedJob(String failedReason) {
    var aborted = failedReason.endsWith(CANCELLED);
    return new PredictionException(aborted ? Reason.ABORTED : Reason.FLOW_FAILED, failedReason);
  }

  static PredictionException timeout(String what, Duration limit) {
    return new PredictionException(
        Reason.TIMEOUT,
        what
            + " did not finish within "
            + limit.toSeconds()
            + " s; raise PREDICTION_TIMEOUT, or see in the workers' logs and /healthz whether they"
            + " take jobs");
  }

  public Reason reason() {
    return reason;
  }
}
