package dev.millrace.platform.tasks;

import org.jspecify.annotations.Nullable;

/** How far a task is, with the numbers by which the API's clients know it. */
public enum TaskState {
  PENDING(null),
  RUNNING(0),
  SUCCEEDED(1),
  FAILED(-1),
  CANCELED(-2);

  private final @Nullable Integer status;

  TaskState(@Nullable Integer status) {
    this.status = status;
  }

  /** Returns the number; null before it runs. */
  public @Nullable Integer status() {
    return status;
  }

  /** Returns whether nothing follows. */
  public boolean isEnd() {
    return this != PENDING && this != RUNNING;
  }
}
