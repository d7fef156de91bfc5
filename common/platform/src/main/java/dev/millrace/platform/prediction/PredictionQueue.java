package dev.millrace.platform.prediction;

import dev.millrace.bullmq.JobOptions;
import dev.millrace.bullmq.KeepJobs;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The names and job options by which servers and workers meet, Flowise's among them. */
public final class PredictionQueue {
  /** The event by which Flowise aborts a chat; its {@code id} is {@link Aborts#key}. */
  static final String ABORT_EVENT = "abort";

  /** Our addition to the abort event: only this run of the chat is meant. */
  static final String ABORT_RUN = "runId";

  private PredictionQueue() {}

  /** Returns the queue's name, e.g. {@code flowise-queue-prediction}. */
  public static String name(String queueName) {
    return queueName + "-prediction";
  }

  /**
   * Returns the options of a prediction's job. Flowise keeps finished jobs for ever by default; ours
   * are bounded.
   *
   * @param keepFor how long a finished job is kept; null means no limit
   * @param keepMost how many are; null means no limit
   */
  static JobOptions options(@Nullable Duration keepFor, @Nullable Integer keepMost) {
    var keep = KeepJobs.of(keepMost, keepFor);
    return JobOptions.builder().removeOnComplete(keep).removeOnFail(keep).build();
  }
}
