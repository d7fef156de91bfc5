package dev.millrace.pgjobs;

import java.time.Duration;

/**
 * Hears what a runner does, for meters and logs. Called on the runner's own threads: return soon.
 * What a listener throws is logged and ignored.
 */
public interface RunnerListener {
  /** Hears nothing. */
  RunnerListener NONE = new RunnerListener() {};

  /** A task begins. */
  default void started(Job job) {}

  /** A job is done and its row is gone. */
  default void completed(Job job, Duration took) {}

  /**
   * An attempt failed, and that is stored.
   *
   * @param willRetry whether the job has attempts left
   */
  default void failed(Job job, String reason, boolean willRetry) {}

  /** The job came to its end, but was no longer this runner's: another may have done it too. */
  default void lockLost(Job job) {}

  /** Jobs were fetched; none means that there was nothing to do. */
  default void fetched(int jobs, Duration took) {}

  /** Jobs of a runner that gave no sign of life, or of workers after four hours, were freed. */
  default void recovered(int jobs) {}

  /** Something failed that the runner goes on after: PostgreSQL is away, a crontab is wrong. */
  default void error(String what, Throwable error) {}
}
