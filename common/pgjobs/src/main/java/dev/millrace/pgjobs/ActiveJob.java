package dev.millrace.pgjobs;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A job that this runner has claimed, from its fetch until its outcome is stored. Thread-safe. */
final class ActiveJob {
  private final Job job;
  private final int queueId;
  private final @Nullable String payload;
  private final String pool;
  private final AbortSignal abort = new AbortSignal();
  private final long fetchedAt = System.nanoTime();

  /** Held while the thread is interrupted, so that this does not hit what it does next. */
  private final ReentrantLock lock = new ReentrantLock();

  private @Nullable Thread thread;
  private boolean settled;
  private boolean inSlot = true;
  private volatile long startedAt;
  private volatile boolean completedByTask;
  private volatile long renewedAt = fetchedAt;

  /**
   * @param queueId of its named queue, 0 for none
   * @param payload null when it is so large that it is read only when the job begins
   * @param pool in whose name it is locked
   */
  ActiveJob(Job job, int queueId, @Nullable String payload, String pool) {
    this.job = job;
    this.queueId = queueId;
    this.payload = payload;
    this.pool = pool;
  }

  Job job() {
    return job;
  }

  long id() {
    return job.id();
  }

  boolean isQueued() {
    return queueId != 0;
  }

  int queueId() {
    return queueId;
  }

  /** The task has completed the job by itself, together with other things. */
  void completedByTask() {
    completedByTask = true;
  }

  boolean isCompletedByTask() {
    return completedByTask;
  }

  @Nullable String payload() {
    return payload;
  }

  String pool() {
    return pool;
  }

  AbortSignal signal() {
    return abort;
  }

  long fetchedAt() {
    return fetchedAt;
  }

  /** Returns when its lock was last made new, as {@link System#nanoTime}. */
  long renewedAt() {
    return renewedAt;
  }

  void renewed() {
    renewedAt = System.nanoTime();
  }

  /** Returns when its task began, as {@link System#nanoTime}; 0 when it did not yet. */
  long startedAt() {
    return startedAt;
  }

  /** This thread runs the task from now on. */
  void begin() {
    lock.lock();
    try {
      thread = Thread.currentThread();
      startedAt = System.nanoTime();
      if (abort.isAborted()) {
        thread.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The task is over, and nobody interrupts this thread because of it any more. */
  void end() {
    lock.lock();
    try {
      thread = null;
      var _ = Thread.interrupted();
    } finally {
      lock.unlock();
    }
  }

  /** Tells the task to end; returns false when it was told before or is over. */
  boolean abort(String why) {
    if (!abort.abort(why)) {
      return false;
    }
    lock.lock();
    try {
      if (thread != null) {
        thread.interrupt();
      }
    } finally {
      lock.unlock();
    }
    return true;
  }

  /** Claims the right to say how the job ended; true for one caller only. */
  boolean settle() {
    lock.lock();
    try {
      var first = !settled;
      settled = true;
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Claims the right to free the slot; true for one caller only. */
  boolean leaveSlot() {
    lock.lock();
    try {
      var first = inSlot;
      inSlot = false;
      return first;
    } finally {
      lock.unlock();
    }
  }
}
