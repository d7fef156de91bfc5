package dev.millrace.bullmq;

/**
 * Is told what a worker does beside running its processor. Called on the worker's threads: return
 * soon. An exception that a listener throws is logged and changes nothing.
 */
public interface WorkerListener {
  /** Ignores everything. */
  WorkerListener NONE = new WorkerListener() {};

  /** An attempt succeeded and is recorded. */
  default void completed(Job job, String returnValue) {}

  /** An attempt failed and is recorded; the job may be tried again. */
  default void failed(Job job, Throwable error) {}

  /**
   * The worker took a job that had to be failed without running it: a child of it failed, or it
   * stalled too often. {@link #failed} is not called for it.
   */
  default void failedBeforeProcessing(Job job, String reason) {}

  /** A job that its worker had lost was put back for another attempt. */
  default void stalled(String jobId) {}

  /** The job's lock could not be renewed, so that another worker may have the job. */
  default void lockLost(Job job) {}

  /** Something went wrong that concerns no attempt's result, e.g. a result could not be stored. */
  default void error(Throwable error) {}
}
