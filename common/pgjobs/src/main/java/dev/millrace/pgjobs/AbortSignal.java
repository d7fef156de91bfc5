package dev.millrace.pgjobs;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Tells a task to end early: its runner stops, its time is up, it was cancelled, or its lock is
 * lost. The task's thread is interrupted at the same moment, so a task that blocks in interruptible
 * calls need not look. Thread-safe.
 */
public final class AbortSignal {
  private final CompletableFuture<String> reason = new CompletableFuture<>();

  AbortSignal() {}

  /** Returns whether the task shall end. */
  public boolean isAborted() {
    return reason.isDone();
  }

  /** Returns why the task shall end; empty as long as it may go on. */
  public Optional<String> reason() {
    return Optional.ofNullable(reason.getNow(null));
  }

  /** Waits until the task shall end, at most for {@code limit}; returns whether it shall. */
  public boolean await(Duration limit) throws InterruptedException {
    try {
      reason.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException("an abort signal never fails", e);
    }
  }

  /** Calls {@code action} when the task shall end, at once if that is so already. */
  public void onAbort(Runnable action) {
    var _ = reason.thenRun(action);
  }

  boolean abort(String why) {
    return reason.complete(why);
  }
}
