package dev.millrace.platform.tasks;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a kind of task does. Thread-safe: one instance runs all tasks of its kind. */
public interface TaskType {
  /** Returns the name by which it is asked for: {@code flows:export}. */
  String name();

  /**
   * Refuses what cannot work, when the task is created.
   *
   * @throws IllegalArgumentException naming the parameter
   */
  default void check(ObjectNode params) {}

  /**
   * Returns how often it may be begun, the first time included, when nodes die under it. A failure
   * of its own ends it.
   */
  default int attempts() {
    return 3;
  }

  /**
   * Does it, on a virtual thread of its own, which is interrupted when the task is cancelled. It
   * may run again after a crash, so its effects must be safe to repeat.
   *
   * @return what came of it, shown to the user; null for nothing
   * @throws Exception when it fails; the message is shown to the user
   */
  @Nullable JsonNode run(ObjectNode params, TaskContext context) throws Exception;

  /**
   * Puts right what a run may have left that could not clean up after itself: called when a task is
   * given up because its nodes died, and when one is cancelled that was begun. A run may still be
   * at its end meanwhile. Called once at most; what it throws is logged.
   */
  default void abandoned(Task task) {}
}
