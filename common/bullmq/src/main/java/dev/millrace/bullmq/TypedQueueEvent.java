package dev.millrace.bullmq;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An event of a queue with its fields by name and type; {@link QueueEvent} is the same as it is
 * stored. States are given by their wire names.
 */
public sealed interface TypedQueueEvent {
  /** A job was added. */
  record Added(String jobId, String name) implements TypedQueueEvent {}

  /**
   * A job is ready.
   *
   * @param previous the state it was in; empty if it is new
   */
  record Waiting(String jobId, Optional<String> previous) implements TypedQueueEvent {}

  /**
   * A job waits for its time.
   *
   * @param time when it is due, ms since 1970
   */
  record Delayed(String jobId, long time) implements TypedQueueEvent {}

  /** A job waits for its children. */
  record WaitingChildren(String jobId, Optional<String> previous) implements TypedQueueEvent {}

  /** A worker took a job. */
  record Active(String jobId, Optional<String> previous) implements TypedQueueEvent {}

  /**
   * A processor reported progress.
   *
   * @param data JSON text
   */
  record Progress(String jobId, String data) implements TypedQueueEvent {}

  /**
   * A job completed.
   *
   * @param returnValue JSON text
   */
  record Completed(String jobId, String returnValue, Optional<String> previous)
      implements TypedQueueEvent {}

  /** A job failed for good. */
  record Failed(String jobId, String failedReason, Optional<String> previous)
      implements TypedQueueEvent {}

  /** A job failed with its last attempt. */
  record RetriesExhausted(String jobId, long attemptsMade) implements TypedQueueEvent {}

  /** A job was taken from a worker that had gone silent. */
  record Stalled(String jobId) implements TypedQueueEvent {}

  /** A job of that id existed already. */
  record Duplicated(String jobId) implements TypedQueueEvent {}

  /**
   * A job was not added, or took another's place, since the deduplication id was taken.
   *
   * @param jobId the job that stays
   * @param deduplicatedJobId the job that does not
   */
  record Deduplicated(String jobId, String deduplicationId, String deduplicatedJobId)
      implements TypedQueueEvent {}

  /** What version 5 also says before {@link Deduplicated}. */
  record Debounced(String jobId, String debounceId) implements TypedQueueEvent {}

  /** A job was removed. */
  record Removed(String jobId, Optional<String> previous) implements TypedQueueEvent {}

  /** Old jobs were removed. */
  record Cleaned(long count) implements TypedQueueEvent {}

  /** No job is ready or active any more. */
  record Drained() implements TypedQueueEvent {}

  /** The queue was paused. */
  record Paused() implements TypedQueueEvent {}

  /** The queue goes on. */
  record Resumed() implements TypedQueueEvent {}

  /** An event of the application's own, or of a BullMQ that is newer than this library. */
  record Other(QueueEvent event) implements TypedQueueEvent {}

  /** Returns the event by its name; fields that are missing are empty or 0. */
  static TypedQueueEvent of(QueueEvent event) {
    var job = text(event, "jobId");
    var previous = Optional.ofNullable(event.fields().get("prev"));
    return switch (event.name()) {
      case "added" -> new Added(job, text(event, "name"));
      case "waiting" -> new Waiting(job, previous);
      case "delayed" -> new Delayed(job, number(event, "delay"));
      case "waiting-children" -> new WaitingChildren(job, previous);
      case "active" -> new Active(job, previous);
      case "progress" -> new Progress(job, text(event, "data"));
      case "completed" -> new Completed(job, text(event, "returnvalue"), previous);
      case "failed" -> new Failed(job, text(event, "failedReason"), previous);
      case "retries-exhausted" -> new RetriesExhausted(job, number(event, "attemptsMade"));
      case "stalled" -> new Stalled(job);
      case "duplicated" -> new Duplicated(job);
      case "deduplicated" ->
          new Deduplicated(job, text(event, "deduplicationId"), text(event, "deduplicatedJobId"));
      case "debounced" -> new Debounced(job, text(event, "debounceId"));
      case "removed" -> new Removed(job, previous);
      case "cleaned" -> new Cleaned(number(event, "count"));
      case "drained" -> new Drained();
      case "paused" -> new Paused();
      case "resumed" -> new Resumed();
      default -> new Other(event);
    };
  }

  private static String text(QueueEvent event, String field) {
    return event.fields().getOrDefault(field, "");
  }

  private static long number(QueueEvent event, String field) {
    @Nullable String value = event.fields().get(field);
    try {
      return value == null ? 0 : (long) Double.parseDouble(value);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
