package dev.millrace.pgjobs;

/** What {@link PgJobs#cleanup} removes. */
public enum Cleanup {
  /** Names of tasks that no job has; ours are kept as long as runners know them by their ids. */
  TASK_IDENTIFIERS,
  /** Unlocked queues without jobs. */
  JOB_QUEUES,
  /** Jobs that failed for good. */
  DEAD_JOBS
}
