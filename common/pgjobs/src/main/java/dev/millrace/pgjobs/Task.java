package dev.millrace.pgjobs;

/**
 * Does the jobs of one name. Each runs on a virtual thread of its own and may block; many run at
 * once, so what a task shares must be thread-safe.
 */
@FunctionalInterface
public interface Task {
  /**
   * Does a job. Returning completes it, and its row is deleted; throwing fails the attempt, and the
   * job is tried again later ({@link PermanentFailureException}: never again). A job may come twice
   * when a runner dies, so its effects must be safe to repeat.
   */
  void run(TaskContext job) throws Exception;
}
