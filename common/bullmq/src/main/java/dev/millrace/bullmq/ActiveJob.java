package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job while a worker processes it.
 *
 * <p>Cancellation is a request: the worker sets {@link #isCancelled} and runs the hooks; the
 * processor decides how to end. Thread-safe.
 */
public final class ActiveJob {
  private static final Logger log = LoggerFactory.getLogger(ActiveJob.class);

  private final Job job;
  private final String token;
  private final Scripts scripts;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> hooks = new ArrayList<>();
  private final AtomicBoolean settled = new AtomicBoolean();
  private volatile @Nullable Cancelled cancelled;
  private final long takenNanos;
  private volatile long renewedNanos;
  private volatile @Nullable String traceContext;
  private volatile Consumer<String> onProgress = _ -> {};

  ActiveJob(Job job, String token, Scripts scripts, long takenNanos) {
    this.job = job;
    this.token = token;
    this.scripts = scripts;
    this.takenNanos = takenNanos;
    this.renewedNanos = takenNanos;
  }

  /** Why a job was cancelled. */
  enum CancelCause {
    LOCK_LOST,
    REQUESTED,
    STOPPING
  }

  private record Cancelled(CancelCause cause, String reason) {}

  /** Returns the job as it was when the worker took it. */
  public Job job() {
    return job;
  }

  public String id() {
    return job.id();
  }

  /** Returns what proves to Redis that the job is this worker's. */
  public String token() {
    return token;
  }

  /**
   * Stores how far the job is and tells those who listen to the queue's events.
   *
   * @param json JSON text
   * @throws JobOperationException.Missing when the job was removed
   */
  public void updateProgress(String json) {
    update("progress", json, "");
    onProgress.accept(json);
  }

  /**
   * Adds a row to the job's log, which keeps as many as the job's options say.
   *
   * @return how many rows there are now
   * @throws JobOperationException.Missing when the job was removed
   */
  public long log(String row) {
    var keep = job.options().keepLogs();
    return update("log", row, keep == null ? "" : keep.toString());
  }

  private long update(String what, String value, String keep) {
    var arguments = scripts.arguments(System.currentTimeMillis());
    arguments.addAll(List.of(job.id(), what, value, keep));
    var code = (Long) scripts.call(Script.UPDATE, arguments).getFirst();
    if (code < 0) {
      var command = what.equals("log") ? "addLog" : "updateProgress";
      throw JobOperationException.of(code.intValue(), job.id(), command, null);
    }
    return code;
  }

  /** Returns whether the processor should end: the result may not be wanted any more. */
  public boolean isCancelled() {
    return cancelled != null;
  }

  /** Returns why the job was cancelled; empty while it is not. */
  public Optional<String> cancelReason() {
    var now = cancelled;
    return now == null ? Optional.empty() : Optional.of(now.reason());
  }

  /** Runs the hook when the job is cancelled, at once if it is already. It must not block. */
  public void onCancel(Runnable hook) {
    lock.lock();
    try {
      if (cancelled == null) {
        hooks.add(hook);
        return;
      }
    } finally {
      lock.unlock();
    }
    run(hook);
  }

  /** Cancels the job, unless it is cancelled already or its result is being stored. */
  void cancel(CancelCause cause, String reason) {
    List<Runnable> toRun;
    lock.lock();
    try {
      if (cancelled != null || settled.get()) {
        return;
      }
      cancelled = new Cancelled(cause, reason);
      toRun = List.copyOf(hooks);
    } finally {
      lock.unlock();
    }
    toRun.forEach(this::run);
  }

  /** Is told of progress that is stored. */
  void onProgress(Consumer<String> listener) {
    onProgress = listener;
  }

  boolean isCancelled(CancelCause cause) {
    var now = cancelled;
    return now != null && now.cause() == cause;
  }

  /** Returns true once: to whoever may decide what becomes of the job. */
  boolean settle() {
    return settled.compareAndSet(false, true);
  }

  boolean isSettled() {
    return settled.get();
  }

  long takenNanos() {
    return takenNanos;
  }

  /** Returns the context of the attempt's span; null without telemetry. */
  @Nullable String traceContext() {
    return traceContext;
  }

  void traceContext(@Nullable String context) {
    traceContext = context;
  }

  long renewedNanos() {
    return renewedNanos;
  }

  void renewed(long nanos) {
    renewedNanos = nanos;
  }

  private void run(Runnable hook) {
    try {
      hook.run();
    } catch (RuntimeException e) {
      log.warn("A cancellation hook of job {} failed", job.id(), e);
    }
  }
}
