package dev.millrace.bullmq;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job as its hash was when it was read; it does not change. Times are ms since 1970.
 *
 * @param queue the queue's name without prefix
 * @param data JSON text, as it was added
 * @param delay ms as last asked for; 0 once the job may run
 * @param progress JSON text, {@code 0} if none was reported
 * @param attemptsMade attempts that ended
 * @param attemptsStarted attempts that began
 * @param stalledCount how often the job was taken from a worker that had gone silent
 * @param processedOn when the last attempt began
 * @param returnValue JSON text of a completed job
 * @param stacktrace one text per failed attempt, oldest first
 * @param processedBy the name of the worker that took it last
 * @param parentKey the key of the parent's hash
 * @param repeatJobKey the scheduler that made it
 * @param deferredFailure why whoever takes the job must fail it without running it
 */
public record Job(
    String queue,
    String id,
    String name,
    String data,
    JobOptions options,
    long timestamp,
    long delay,
    int priority,
    String progress,
    int attemptsMade,
    int attemptsStarted,
    int stalledCount,
    @Nullable Long processedOn,
    @Nullable Long finishedOn,
    @Nullable String returnValue,
    @Nullable String failedReason,
    List<String> stacktrace,
    @Nullable String processedBy,
    @Nullable String parentKey,
    @Nullable String repeatJobKey,
    @Nullable String deduplicationId,
    @Nullable String deferredFailure) {
  public Job {
    stacktrace = List.copyOf(stacktrace);
  }
}
