package dev.millrace.pgjobs;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs jobs, each on a virtual thread of its own, so many at once; the others stand in line. */
final class Slots {
  private final int concurrency;
  private final int refillAt;
  private final Consumer<ActiveJob> run;
  private final Runnable onFree;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<ActiveJob> line = new ArrayDeque<>();
  private int running;

  /** Threads that run on after their slot was given to others. */
  private int abandoned;

  private boolean closed;

  /**
   * @param refillAt how short the line gets before more are wanted
   * @param run does a job, on the thread that calls it
   * @param onFree is told when more are wanted
   */
  Slots(int concurrency, int refillAt, Consumer<ActiveJob> run, Runnable onFree) {
    this.concurrency = concurrency;
    this.refillAt = refillAt;
    this.run = run;
    this.onFree = onFree;
  }

  /** Returns how many jobs could begin now. */
  int free() {
    lock.lock();
    try {
      return closed ? 0 : Math.max(0, concurrency - running - line.size());
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many stand in line. */
  int waiting() {
    lock.lock();
    try {
      return line.size();
    } finally {
      lock.unlock();
    }
  }

  /** Begins jobs, or lets them stand in line; returns those that came too late, after closing. */
  Collection<ActiveJob> add(Collection<ActiveJob> jobs) {
    lock.lock();
    try {
      if (closed) {
        return jobs;
      }
      for (var job : jobs) {
        if (running < concurrency) {
          running++;
          start(job);
        } else {
          line.add(job);
        }
      }
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  private void start(ActiveJob job) {
    // A thread per job: an interrupt that comes too late for one cannot hit the next.
    Thread.ofVirtual().name("pgjobs-" + job.id()).start(() -> runInSlot(job));
  }

  private void runInSlot(ActiveJob job) {
    try {
      run.accept(job);
    } finally {
      if (job.leaveSlot()) {
        release();
      } else {
        endAbandoned();
      }
    }
  }

  /**
   * Gives the slot of a job to another although its thread goes on. Returns false when there are as
   * many such threads as slots: then the slot is free when the thread ends.
   */
  boolean abandon(ActiveJob job) {
    lock.lock();
    try {
      if (abandoned >= concurrency || !job.leaveSlot()) {
        return false;
      }
      abandoned++;
    } finally {
      lock.unlock();
    }
    release();
    return true;
  }

  private void endAbandoned() {
    lock.lock();
    try {
      abandoned--;
    } finally {
      lock.unlock();
    }
  }

  /** A slot becomes free: the next in line takes it. */
  private void release() {
    @Nullable ActiveJob next;
    int left;
    lock.lock();
    try {
      next = line.poll();
      left = line.size();
      if (next == null) {
        running--;
      } else {
        start(next);
      }
    } finally {
      lock.unlock();
    }
    if (next == null || left == refillAt) {
      onFree.run();
    }
  }

  /** Returns who is first in line, or null. */
  @Nullable ActiveJob first() {
    lock.lock();
    try {
      return line.peek();
    } finally {
      lock.unlock();
    }
  }

  /** Returns those that stand in line, and takes them out of it. */
  List<ActiveJob> drain() {
    lock.lock();
    try {
      var all = List.copyOf(line);
      line.clear();
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** Begins nothing any more; returns those that stood in line. */
  List<ActiveJob> close() {
    lock.lock();
    try {
      closed = true;
      return drain();
    } finally {
      lock.unlock();
    }
  }
}
