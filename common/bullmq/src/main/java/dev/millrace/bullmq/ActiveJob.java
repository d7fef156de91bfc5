package dev.millrace.bullmq;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
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
  private final Consumer<Duration> onLimited;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> hooks = new ArrayList<>();
  private final AtomicBoolean settled = new AtomicBoolean();
  private volatile @Nullable Cancelled cancelled;
  private final long takenNanos;
  private volatile long renewedNanos;
  private volatile @Nullable String traceContext;
  private volatile Consumer<String> onProgress = _ -> {};
  private volatile boolean discarded;

  /**
   * @param onLimited is told for how long the queue lets no job start, when the job is put back
   */
  ActiveJob(Job job, String token, Scripts scripts, long takenNanos, Consumer<Duration> onLimited) {
    this.job = job;
    this.token = token;
    this.scripts = scripts;
    this.takenNanos = takenNanos;
    this.onLimited = onLimited;
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
    operations().updateProgress(job.id(), json);
    onProgress.accept(json);
  }

  /**
   * Replaces the job's data: what a later attempt sees, e.g. which step is next. {@link #job} stays
   * as it was.
   *
   * @param json JSON text
   * @throws JobOperationException.Missing when the job was removed
   */
  public void updateData(String json) {
    operations().updateData(job.id(), json);
  }

  /**
   * Adds a row to the job's log, which keeps as many as the job's options say.
   *
   * @return how many rows there are now
   * @throws JobOperationException.Missing when the job was removed
   */
  public long log(String row) {
    return operations().log(job.id(), row, job.options().keepLogs());
  }

  /** Returns what the job's children came to. */
  public JobChildren children() {
    return new JobChildren(scripts, job.id());
  }

  /** Returns this job as the parent of jobs that the processor adds. */
  public ParentRef asParent() {
    return new ParentRef(job.id(), scripts.keys().qualifiedName());
  }

  /**
   * Lets the job wait for its children, those that the processor added among them. Returns if there
   * is none to wait for; otherwise the job leaves this worker, and is processed from the beginning
   * when the last child has ended.
   *
   * @throws JobMovedException when the job waits now; let it pass
   * @throws JobOperationException.Children when a child failed for good
   * @throws JobOperationException.LockLost when the job is not this worker's any more
   */
  public void waitForChildren() {
    if (moveToWaitingChildren(null)) {
      throw new JobMovedException(job.id(), JobState.WAITING_CHILDREN);
    }
  }

  /**
   * As {@link #waitForChildren}, but returns whether the job waits now. If so, the processor's
   * result is dropped.
   *
   * @param childKey the key of the only child to wait for; null for all
   */
  public boolean moveToWaitingChildren(@Nullable String childKey) {
    return leave(() -> operations().moveToWaitingChildren(job.id(), token, childKey));
  }

  /**
   * Lets the job wait and then be processed from the beginning, without counting this attempt:
   * {@code throw job.moveToDelayed(Duration.ofMinutes(1));}
   *
   * @return what to throw
   * @throws JobOperationException.LockLost when the job is not this worker's any more
   */
  public JobMovedException moveToDelayed(Duration delay) {
    leave(() -> {
      operations().moveToDelayed(job.id(), token, delay);
      return true;
    });
    return new JobMovedException(job.id(), JobState.DELAYED);
  }

  /**
   * Puts the job back in front of its equals, without counting this attempt: {@code throw
   * job.moveToWait();}
   *
   * @return what to throw
   * @throws JobOperationException.LockLost when the job is not this worker's any more
   */
  public JobMovedException moveToWait() {
    leave(() -> {
      onLimited.accept(operations().moveToWait(job.id(), token));
      return true;
    });
    return new JobMovedException(job.id(), JobState.WAITING);
  }

  /**
   * Forbids this worker, and all of the queue that have a rate limit, to start jobs for a time, and
   * puts this one back: {@code throw job.rateLimit(Duration.ofSeconds(30));}
   *
   * @return what to throw
   * @throws JobOperationException.LockLost when the job is not this worker's any more
   */
  public JobMovedException rateLimit(Duration duration) {
    new QueueSettings(scripts).rateLimit(duration);
    return moveToWait();
  }

  /** Makes the job's next failure its last, whatever attempts it has left. */
  public void discard() {
    discarded = true;
  }

  boolean isDiscarded() {
    return discarded;
  }

  /**
   * Renews the job's lock. The worker does so by itself; a job that was taken by hand needs it.
   *
   * @return false when the job is not this worker's any more
   */
  public boolean extendLock(Duration duration) {
    var sent = System.nanoTime();
    var kept = operations().extendLock(job.id(), token, duration);
    if (kept) {
      renewed(sent);
    }
    return kept;
  }

  private JobOperations operations() {
    return new JobOperations(scripts, SafeListener.NONE);
  }

  /** Moves the job away; if that is done, nobody else may decide what becomes of it. */
  boolean leave(BooleanSupplier move) {
    if (!settle()) {
      throw new IllegalStateException("job " + job.id() + " has ended or was moved already");
    }
    var moved = false;
    try {
      moved = move.getAsBoolean();
    } finally {
      settled.set(moved);
    }
    return moved;
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

  /** Returns whether anything was ever asked to run when the job is cancelled. */
  boolean hasHooks() {
    lock.lock();
    try {
      return !hooks.isEmpty();
    } finally {
      lock.unlock();
    }
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
