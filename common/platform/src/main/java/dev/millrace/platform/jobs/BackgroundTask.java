package dev.millrace.platform.jobs;

import dev.millrace.pgjobs.Task;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task that every worker offers. Implementations are found by {@link java.util.ServiceLoader}, so
 * each has a constructor without arguments and a line in {@code
 * META-INF/services/dev.millrace.platform.jobs.BackgroundTask}.
 */
public interface BackgroundTask {
  /** Returns the name by which jobs ask for it. */
  String name();

  /** Returns how long one of its jobs may take; null for JOBS_TIMEOUT. */
  default @Nullable Duration timeout() {
    return null;
  }

  /**
   * Makes it ready; called once per process, before its first job. Must not block.
   *
   * @param environment what it may use
   */
  Task open(TaskEnvironment environment);
}
