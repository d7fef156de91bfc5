package dev.millrace.bullmq;

import java.util.List;

/**
 * Is told what a worker does beside running its processor. Called on the worker's threads: return
 * soon. An exception that a listener throws is logged and changes nothing.
 */
public interface WorkerListener {
  /** Ignores everything. */
  WorkerListener NONE = new WorkerListener() {};

  /** The worker runs and Redis is there. */
  default void ready() {}

  /** The worker took a job and is about to process it. */
  default void active(Job job) {}

  /**
   * A processor reported how far its job is.
   *
   * @param json JSON text
   */
  default void progress(Job job, String json) {}

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

  /** As {@link #lockLost}, with the ids of all jobs of one renewal. */
  default void lockRenewalFailed(List<String> jobIds) {}

  /** The locks of jobs were renewed. */
  default void locksRenewed(List<String> jobIds) {}

  /** There was no job to take; not called again until there was one. */
  default void drained() {}

  /** The worker takes no more jobs for now. */
  default void paused() {}

  /** The worker takes jobs again. */
  default void resumed() {}

  /** The worker begins to stop. */
  default void closing() {}

  /** The worker has stopped. */
  default void closed() {}

  /** The connection to Redis broke; the worker goes on by itself when there is a new one. */
  default void connectionLost() {}

  /** Something went wrong that concerns no attempt's result, e.g. a result could not be stored. */
  default void error(Throwable error) {}
}
