package dev.millrace.bullmq;

import org.jspecify.annotations.Nullable;

/** What a worker does with a job. Runs on a virtual thread of the job's own, so it may block. */
@FunctionalInterface
public interface Processor {
  /**
   * Processes a job.
   *
   * @return the job's return value as JSON text; null is stored as JSON null
   * @throws UnrecoverableJobException to fail the job whatever attempts it has left
   * @throws Exception to fail this attempt; the message becomes the job's {@code failedReason}
   */
  @Nullable String process(ActiveJob job) throws Exception;
}
