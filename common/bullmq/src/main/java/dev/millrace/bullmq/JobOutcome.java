package dev.millrace.bullmq;

/** How a job ended. */
public sealed interface JobOutcome {
  /**
   * The processor returned.
   *
   * @param returnValue JSON text
   */
  record Completed(String returnValue) implements JobOutcome {}

  /** All attempts failed; the reason is the last error's message. */
  record Failed(String reason) implements JobOutcome {}

  /** The job was removed, or is unknown to Redis, and nothing tells how it ended. */
  record Gone() implements JobOutcome {}
}
