package dev.millrace.platform.prediction;

import dev.millrace.bullmq.JobOptions;
import dev.millrace.bullmq.KeepJobs;
import dev.millrace.bullmq.QueueEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The names and job options by which servers and workers meet, Flowise's among them. */
public final class PredictionQueue {
  /** The event by which Flowise aborts a chat; its {@code id} is {@link Aborts#key}. */
  public static final String ABORT_EVENT = "abort";

  /** Our addition to the abort event: only this run of the chat is meant. */
  static final String ABORT_RUN = "runId";

  private PredictionQueue() {}

  /** Returns the queue's name, e.g. {@code flowise-queue-prediction}. */
  public static String name(String queueName) {
    return queueName + "-prediction";
  }

  /**
   * Returns the options of a prediction's job. Flowise keeps finished jobs for ever by default;
   * ours are bounded.
   *
   * @param keepFor how long a finished job is kept; null means no limit
   * @param keepMost how many are; null means no limit
   */
  static JobOptions options(@Nullable Duration keepFor, @Nullable Integer keepMost) {
    var keep =
        new KeepJobs(
            keepMost == null ? null : keepMost.longValue(),
            keepFor == null ? null : keepFor.toSeconds(),
            null);
    return JobOptions.builder().removeOnComplete(keep).removeOnFail(keep).build();
  }

  /**
   * An abort as a worker hears it.
   *
   * @param key {@link Aborts#key}
   * @param runId the only run that is meant, or null
   * @param at when Redis took it, in ms since the epoch
   */
  public record Abort(String key, @Nullable UUID runId, long at) {}

  /** Reads an abort event, ours or Flowise's; nothing when it is malformed. */
  public static Optional<Abort> readAbort(QueueEvent event) {
    var key = event.fields().get("id");
    var run = event.fields().get(ABORT_RUN);
    var entry = event.entryId();
    if (key == null || entry.indexOf('-') < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Abort(
              key,
              run == null ? null : UUID.fromString(run),
              // The id of a stream's entry begins with Redis's time.
              Long.parseLong(entry.substring(0, entry.indexOf('-')))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
