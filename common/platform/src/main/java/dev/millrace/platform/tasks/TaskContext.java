package dev.millrace.platform.tasks;

import java.util.UUID;

/** What a running task sees of the world. Thread-safe. */
public interface TaskContext {
  UUID id();

  /** Returns the workspace in which it works. */
  String workspace();

  /** Returns the id of the request that asked for it. */
  String requestId();

  /** Says how far it is. Costs little: what comes faster than twice a second is merged. */
  void progress(double current, double total);

  /** Returns whether the task has to end: it was cancelled, taken over, or this node stops. */
  boolean isCancelled();

  /**
   * Does nothing while it is not cancelled.
   *
   * @throws java.util.concurrent.CancellationException otherwise
   */
  void throwIfCancelled();

  /** Runs an action when it is cancelled, at once if it is already. */
  void onCancel(Runnable action);

  /**
   * Keeps a file that the user may fetch; a second one takes the place of the first.
   *
   * @param type its media type
   * @throws IllegalArgumentException when it has more than {@value #FILE_LIMIT} bytes
   */
  void file(String name, String type, byte[] content);

  /** The largest file that is kept, in bytes. */
  int FILE_LIMIT = 64 << 20;
}
