package dev.millrace.pgjobs;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job to be added. Start with {@link #of}; what stays null gets the schema's default.
 *
 * @param task which task does it, at most 128 characters
 * @param payload JSON text, stored as it is
 * @param queueName jobs of one queue run one at a time; null for none
 * @param runAt when it may run; null for now
 * @param maxAttempts how often it is tried; null for 25
 * @param priority smaller ones run first; null for 0
 * @param jobKey what makes it one with an earlier job that has the same, at most 512 characters
 * @param jobKeyMode what happens to that earlier job; without a key it does not matter
 * @param flags what runners can refuse (see {@link RunnerOptions#forbiddenFlags})
 */
public record NewJob(
    String task,
    String payload,
    @Nullable String queueName,
    @Nullable Instant runAt,
    @Nullable Integer maxAttempts,
    @Nullable Integer priority,
    @Nullable String jobKey,
    JobKeyMode jobKeyMode,
    List<String> flags) {

  public NewJob {
    flags = List.copyOf(flags);
  }

  /** Returns a job without a payload. */
  public static NewJob of(String task) {
    return of(task, "{}");
  }

  /** Returns a job with a payload, which is JSON text. */
  public static NewJob of(String task, String payload) {
    return new NewJob(task, payload, null, null, null, null, null, JobKeyMode.REPLACE, List.of());
  }

  public NewJob withQueueName(@Nullable String value) {
    return new NewJob(
        task, payload, value, runAt, maxAttempts, priority, jobKey, jobKeyMode, flags);
  }

  public NewJob withRunAt(@Nullable Instant value) {
    return new NewJob(
        task, payload, queueName, value, maxAttempts, priority, jobKey, jobKeyMode, flags);
  }

  public NewJob withMaxAttempts(@Nullable Integer value) {
    return new NewJob(task, payload, queueName, runAt, value, priority, jobKey, jobKeyMode, flags);
  }

  public NewJob withPriority(@Nullable Integer value) {
    return new NewJob(
        task, payload, queueName, runAt, maxAttempts, value, jobKey, jobKeyMode, flags);
  }

  public NewJob withJobKey(@Nullable String value) {
    return new NewJob(
        task, payload, queueName, runAt, maxAttempts, priority, value, jobKeyMode, flags);
  }

  public NewJob withJobKeyMode(JobKeyMode value) {
    return new NewJob(task, payload, queueName, runAt, maxAttempts, priority, jobKey, value, flags);
  }

  public NewJob withFlags(String... values) {
    return new NewJob(
        task,
        payload,
        queueName,
        runAt,
        maxAttempts,
        priority,
        jobKey,
        jobKeyMode,
        List.of(values));
  }
}
