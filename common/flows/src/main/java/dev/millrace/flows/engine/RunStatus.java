package dev.millrace.flows.engine;

/** The states of a run and of a node in it; the names are stored and sent as they are. */
public enum RunStatus {
  INPROGRESS,
  FINISHED,
  ERROR,
  /** Cancelled. */
  TERMINATED,
  /** Waits for a human. */
  STOPPED,
  TIMEOUT
}
