package dev.millrace.platform.tasks;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A task at work on this node. */
final class RunningTask implements TaskContext {
  private static final Logger LOG = LoggerFactory.getLogger(RunningTask.class);
  private static final long PAUSE_NANOS = 500_000_000;

  /** Why it has to end. */
  enum End {
    /** The user cancelled it, or somebody else has it: nothing of it is kept. */
    GONE,
    /** This node stops: it goes on elsewhere. */
    NODE_STOPS
  }

  /** Writes how far a task is. */
  interface Progress {
    void write(TaskClaims.Claim claim, double current, double total);
  }

  private final TaskClaims.Claim claim;
  private final Progress progress;
  private final Thread thread = Thread.currentThread();
  private final List<Runnable> actions = new ArrayList<>(); // guarded by this
  private @Nullable End end; // guarded by this
  private boolean over; // guarded by this
  private Task.@Nullable File file; // guarded by this
  private double current;
  private double total;
  private long writtenAt = System.nanoTime() - PAUSE_NANOS;
  private boolean unwritten;

  /** To be made on the thread that runs it. */
  RunningTask(TaskClaims.Claim claim, Progress progress) {
    this.claim = claim;
    this.progress = progress;
  }

  TaskClaims.Claim claim() {
    return claim;
  }

  @Override
  public UUID id() {
    return claim.task().id();
  }

  @Override
  public String workspace() {
    return claim.task().request().workspace();
  }

  @Override
  public String requestId() {
    return claim.task().request().requestId();
  }

  @Override
  public void progress(double newCurrent, double newTotal) {
    synchronized (this) {
      current = newCurrent;
      total = newTotal;
      unwritten = true;
      if (System.nanoTime() - writtenAt < PAUSE_NANOS) {
        return;
      }
    }
    flush();
  }

  /** Writes what was said last and not written yet. */
  void flush() {
    double atCurrent;
    double atTotal;
    synchronized (this) {
      if (!unwritten) {
        return;
      }
      unwritten = false;
      writtenAt = System.nanoTime();
      atCurrent = current;
      atTotal = total;
    }
    progress.write(claim, atCurrent, atTotal);
  }

  @Override
  public synchronized boolean isCancelled() {
    return end != null;
  }

  @Override
  public void throwIfCancelled() {
    if (isCancelled()) {
      throw new CancellationException("task " + id() + " has to end");
    }
  }

  @Override
  public void onCancel(Runnable action) {
    synchronized (this) {
      if (end == null) {
        actions.add(action);
        return;
      }
    }
    run(action);
  }

  /** Ends it early; once. */
  void cancel(End why) {
    List<Runnable> toRun;
    synchronized (this) {
      if (end != null || over) {
        return;
      }
      end = why;
      toRun = List.copyOf(actions);
      // While over is false the thread works for this task and for no other.
      thread.interrupt();
    }
    toRun.forEach(RunningTask::run);
  }

  /** Says that its body has returned; from here on nothing interrupts the thread. */
  synchronized @Nullable End over() {
    over = true;
    return end;
  }

  @Override
  public synchronized void file(String name, String type, byte[] content) {
    if (content.length > FILE_LIMIT) {
      throw new IllegalArgumentException(
          "file " + name + " has " + content.length + " bytes; a task keeps at most " + FILE_LIMIT);
    }
    file = new Task.File(name, type, content.clone());
  }

  synchronized Task.@Nullable File file() {
    return file;
  }

  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.warn("what was to be done when a task ended early failed", e);
    }
  }
}
