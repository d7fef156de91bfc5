package dev.millrace.flows.engine;

/** The run was cancelled: by an abort, by a client that went away, or by a worker that stops. */
public final class FlowCancelledException extends FlowException {
  private static final long serialVersionUID = 1L;

  public FlowCancelledException(String reason) {
    super(reason);
  }
}
