package dev.millrace.bullmq;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options of a job. Null is "not set", which leaves the choice to the queue's default options
 * and then to BullMQ's.
 *
 * @param attempts how often the job is tried in all; null or 0 is once
 * @param backoff the wait before further attempts; null is none
 * @param delay ms to wait before the job can run
 * @param priority 1 (first) to 2097151; null or 0 runs before all of them
 * @param lifo whether the job is put in front of those that wait
 * @param timestamp creation time in ms; null is now
 * @param jobId an id of the caller's own; null takes the next number
 * @param removeOnComplete how many completed jobs stay; null leaves it to the worker
 * @param removeOnFail how many failed jobs stay; null leaves it to the worker
 * @param keepLogs how many log rows stay
 * @param sizeLimit how many bytes the data may have
 * @param stackTraceLimit how many stack traces stay, the newest
 * @param parent the job that waits for this one
 * @param deduplication refuses the job while another owns the id
 * @param failParentOnFailure the parent fails when this job fails
 * @param continueParentOnFailure the parent runs at once when this job fails
 * @param ignoreDependencyOnFailure the parent stops waiting for this job when it fails, and sees it
 * @param removeDependencyOnFailure the parent stops waiting for this job when it fails
 * @param telemetryMetadata trace context, a JSON object as text
 * @param omitContext whether workers ignore the producer's trace context
 * @param others further options by name, each as JSON text; they are stored and read untouched
 */
public record JobOptions(
    @Nullable Integer attempts,
    @Nullable Backoff backoff,
    @Nullable Long delay,
    @Nullable Integer priority,
    @Nullable Boolean lifo,
    @Nullable Long timestamp,
    @Nullable String jobId,
    @Nullable KeepJobs removeOnComplete,
    @Nullable KeepJobs removeOnFail,
    @Nullable Integer keepLogs,
    @Nullable Long sizeLimit,
    @Nullable Integer stackTraceLimit,
    @Nullable ParentRef parent,
    @Nullable Deduplication deduplication,
    @Nullable Boolean failParentOnFailure,
    @Nullable Boolean continueParentOnFailure,
    @Nullable Boolean ignoreDependencyOnFailure,
    @Nullable Boolean removeDependencyOnFailure,
    @Nullable String telemetryMetadata,
    @Nullable Boolean omitContext,
    Map<String, String> others) {
  /** Sets nothing. */
  public static final JobOptions NONE = builder().build();

  public JobOptions {
    others = Map.copyOf(others);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts with these options. */
  public Builder toBuilder() {
    var builder = new Builder();
    builder.attempts = attempts;
    builder.backoff = backoff;
    builder.delay = delay;
    builder.priority = priority;
    builder.lifo = lifo;
    builder.timestamp = timestamp;
    builder.jobId = jobId;
    builder.removeOnComplete = removeOnComplete;
    builder.removeOnFail = removeOnFail;
    builder.keepLogs = keepLogs;
    builder.sizeLimit = sizeLimit;
    builder.stackTraceLimit = stackTraceLimit;
    builder.parent = parent;
    builder.deduplication = deduplication;
    builder.failParentOnFailure = failParentOnFailure;
    builder.continueParentOnFailure = continueParentOnFailure;
    builder.ignoreDependencyOnFailure = ignoreDependencyOnFailure;
    builder.removeDependencyOnFailure = removeDependencyOnFailure;
    builder.telemetryMetadata = telemetryMetadata;
    builder.omitContext = omitContext;
    builder.others.putAll(others);
    return builder;
  }

  /** Returns these options, with those that are not set taken from {@code defaults}. */
  public JobOptions orElse(JobOptions defaults) {
    var merged = new Builder();
    merged.attempts = attempts != null ? attempts : defaults.attempts;
    merged.backoff = backoff != null ? backoff : defaults.backoff;
    merged.delay = delay != null ? delay : defaults.delay;
    merged.priority = priority != null ? priority : defaults.priority;
    merged.lifo = lifo != null ? lifo : defaults.lifo;
    merged.timestamp = timestamp != null ? timestamp : defaults.timestamp;
    // An id names one job; it is never a default.
    merged.jobId = jobId;
    merged.removeOnComplete =
        removeOnComplete != null ? removeOnComplete : defaults.removeOnComplete;
    merged.removeOnFail = removeOnFail != null ? removeOnFail : defaults.removeOnFail;
    merged.keepLogs = keepLogs != null ? keepLogs : defaults.keepLogs;
    merged.sizeLimit = sizeLimit != null ? sizeLimit : defaults.sizeLimit;
    merged.stackTraceLimit = stackTraceLimit != null ? stackTraceLimit : defaults.stackTraceLimit;
    merged.parent = parent != null ? parent : defaults.parent;
    merged.deduplication = deduplication != null ? deduplication : defaults.deduplication;
    merged.failParentOnFailure =
        failParentOnFailure != null ? failParentOnFailure : defaults.failParentOnFailure;
    merged.continueParentOnFailure =
        continueParentOnFailure != null
            ? continueParentOnFailure
            : defaults.continueParentOnFailure;
    merged.ignoreDependencyOnFailure =
        ignoreDependencyOnFailure != null
            ? ignoreDependencyOnFailure
            : defaults.ignoreDependencyOnFailure;
    merged.removeDependencyOnFailure =
        removeDependencyOnFailure != null
            ? removeDependencyOnFailure
            : defaults.removeDependencyOnFailure;
    merged.telemetryMetadata =
        telemetryMetadata != null ? telemetryMetadata : defaults.telemetryMetadata;
    merged.omitContext = omitContext != null ? omitContext : defaults.omitContext;
    merged.others.putAll(defaults.others);
    merged.others.putAll(others);
    return merged.build();
  }

  long delayOrZero() {
    return delay == null ? 0 : delay;
  }

  int priorityOrZero() {
    return priority == null ? 0 : priority;
  }

  int attemptsOrZero() {
    return attempts == null ? 0 : attempts;
  }

  boolean isLifo() {
    return Boolean.TRUE.equals(lifo);
  }

  /** Collects options; not thread-safe. */
  public static final class Builder {
    private @Nullable Integer attempts;
    private @Nullable Backoff backoff;
    private @Nullable Long delay;
    private @Nullable Integer priority;
    private @Nullable Boolean lifo;
    private @Nullable Long timestamp;
    private @Nullable String jobId;
    private @Nullable KeepJobs removeOnComplete;
    private @Nullable KeepJobs removeOnFail;
    private @Nullable Integer keepLogs;
    private @Nullable Long sizeLimit;
    private @Nullable Integer stackTraceLimit;
    private @Nullable ParentRef parent;
    private @Nullable Deduplication deduplication;
    private @Nullable Boolean failParentOnFailure;
    private @Nullable Boolean continueParentOnFailure;
    private @Nullable Boolean ignoreDependencyOnFailure;
    private @Nullable Boolean removeDependencyOnFailure;
    private @Nullable String telemetryMetadata;
    private @Nullable Boolean omitContext;
    private final Map<String, String> others = new LinkedHashMap<>();

    private Builder() {}

    public Builder attempts(@Nullable Integer value) {
      attempts = value;
      return this;
    }

    public Builder backoff(@Nullable Backoff value) {
      backoff = value;
      return this;
    }

    public Builder delay(@Nullable Long value) {
      delay = value;
      return this;
    }

    public Builder priority(@Nullable Integer value) {
      priority = value;
      return this;
    }

    public Builder lifo(@Nullable Boolean value) {
      lifo = value;
      return this;
    }

    public Builder timestamp(@Nullable Long value) {
      timestamp = value;
      return this;
    }

    public Builder jobId(@Nullable String value) {
      jobId = value;
      return this;
    }

    public Builder removeOnComplete(@Nullable KeepJobs value) {
      removeOnComplete = value;
      return this;
    }

    public Builder removeOnFail(@Nullable KeepJobs value) {
      removeOnFail = value;
      return this;
    }

    public Builder keepLogs(@Nullable Integer value) {
      keepLogs = value;
      return this;
    }

    public Builder sizeLimit(@Nullable Long value) {
      sizeLimit = value;
      return this;
    }

    public Builder stackTraceLimit(@Nullable Integer value) {
      stackTraceLimit = value;
      return this;
    }

    public Builder parent(@Nullable ParentRef value) {
      parent = value;
      return this;
    }

    public Builder deduplication(@Nullable Deduplication value) {
      deduplication = value;
      return this;
    }

    public Builder failParentOnFailure(@Nullable Boolean value) {
      failParentOnFailure = value;
      return this;
    }

    public Builder continueParentOnFailure(@Nullable Boolean value) {
      continueParentOnFailure = value;
      return this;
    }

    public Builder ignoreDependencyOnFailure(@Nullable Boolean value) {
      ignoreDependencyOnFailure = value;
      return this;
    }

    public Builder removeDependencyOnFailure(@Nullable Boolean value) {
      removeDependencyOnFailure = value;
      return this;
    }

    public Builder telemetryMetadata(@Nullable String value) {
      telemetryMetadata = value;
      return this;
    }

    public Builder omitContext(@Nullable Boolean value) {
      omitContext = value;
      return this;
    }

    /** Sets an option that this class does not know, as JSON text. */
    public Builder other(String name, String json) {
      others.put(name, json);
      return this;
    }

    public JobOptions build() {
      return new JobOptions(
          attempts,
          backoff,
          delay,
          priority,
          lifo,
          timestamp,
          jobId,
          removeOnComplete,
          removeOnFail,
          keepLogs,
          sizeLimit,
          stackTraceLimit,
          parent,
          deduplication,
          failParentOnFailure,
          continueParentOnFailure,
          ignoreDependencyOnFailure,
          removeDependencyOnFailure,
          telemetryMetadata,
          omitContext,
          others);
    }
  }
}
