package dev.millrace.pgjobs;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A job as it stood when it was read; without its payload, which may be large.
 *
 * @param id never used twice in a schema
 * @param task which task does it
 * @param queueName the named queue it belongs to, or null
 * @param attempts how often it was begun
 * @param lastError why the last attempt failed, or null
 * @param key its key, or null
 * @param lockedAt since when a worker has it, or null
 * @param lockedBy that worker (of ours: its pool), or null
 * @param revision how often it was changed by its key
 */
public record Job(
    long id,
    String task,
    @Nullable String queueName,
    int priority,
    Instant runAt,
    int attempts,
    int maxAttempts,
    @Nullable String lastError,
    Instant createdAt,
    Instant updatedAt,
    @Nullable String key,
    @Nullable Instant lockedAt,
    @Nullable String lockedBy,
    int revision,
    Set<String> flags) {

  public Job {
    flags = Set.copyOf(flags);
  }

  Job named(String taskName, @Nullable String queue) {
    return new Job(
        id,
        taskName,
        queue,
        priority,
        runAt,
        attempts,
        maxAttempts,
        lastError,
        createdAt,
        updatedAt,
        key,
        lockedAt,
        lockedBy,
        revision,
        flags);
  }

  /** Returns whether it will not be tried again by itself. */
  public boolean isDead() {
    return attempts >= maxAttempts && lockedAt == null;
  }
}
