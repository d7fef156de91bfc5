package dev.millrace.bullmq;

import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs jobs, each on a virtual thread. A slot whose job ended goes on with the job that came back
 * with the reply, and becomes free when none did.
 */
final class Slots {
  private final Processor processor;
  private final WorkerOptions options;
  private final WorkerEvents events;
  private final Finisher finisher;
  private final Failure failure;
  private final Semaphore free;
  private final Consumer<ActiveJob> onEnded;
  private final JobStart starting;
  private final Runnable onRateLimit;

  /**
   * @param onEnded is told of each job that is no longer this worker's concern
   * @param starting comes before the processor
   * @param onRateLimit is called when a processor met a rate limit and its job was put back
   */
  Slots(
      Processor processor,
      WorkerOptions options,
      WorkerEvents events,
      Finisher finisher,
      Semaphore free,
      Consumer<ActiveJob> onEnded,
      JobStart starting,
      Runnable onRateLimit) {
    this.processor = processor;
    this.options = options;
    this.events = events;
    this.finisher = finisher;
    this.failure = new Failure(options);
    this.free = free;
    this.onEnded = onEnded;
    this.starting = starting;
    this.onRateLimit = onRateLimit;
  }

  /** Processes a job, and those that follow it, in a slot that the caller has taken. */
  void start(ActiveJob job) {
    Thread.ofVirtual().name("bullmq-job-", 0).start(() -> run(job));
  }

  private void run(ActiveJob first) {
    @Nullable ActiveJob job = first;
    while (job != null) {
      @Nullable ActiveJob next = null;
      try {
        next = process(job);
      } finally {
        if (next == null) {
          free.release();
        }
      }
      if (next != null && job.hasHooks()) {
        // A thread of its own: an interrupt that a hook asks for, but that comes too late for this
        // job, must not hit the next one.
        start(next);
        return;
      }
      job = next;
    }
  }

  /** Returns the next job for the slot. */
  private @Nullable ActiveJob process(ActiveJob active) {
    try {
      var refused = starting.begin(active);
      return refused != null ? failUnprocessed(active, refused) : attempt(active);
    } catch (RuntimeException e) {
      // Left to the stalled check, which gives the job to another worker.
      events.error(e);
      return null;
    } finally {
      onEnded.accept(active);
    }
  }

  private @Nullable ActiveJob attempt(ActiveJob active) {
    var value = "null";
    @Nullable Throwable error = null;
    try {
      var returned = processor.process(active);
      value = returned == null ? value : returned;
    } catch (Throwable e) {
      error = e;
    }
    // What was meant for the processor must not disturb what comes after it.
    var _ = Thread.interrupted();
    return error == null ? succeeded(active, value) : attemptFailed(active, error);
  }

  private @Nullable ActiveJob succeeded(ActiveJob active, String value) {
    if (!active.settle()) {
      return null;
    }
    var keep = Failure.keep(active.job().options().removeOnComplete(), options.removeOnComplete());
    var result = finisher.finish(Finish.completed(active, value, keep));
    return switch (result.refusal()) {
      case null -> {
        if (result.stored()) {
          events.tell(listener -> listener.completed(active.job(), value));
        }
        yield result.next();
      }
      case JobOperationException.Children children -> {
        events.error(children);
        var error =
            children.failed()
                ? new UnrecoverableJobException(Failure.reason(children), children)
                : children;
        failRefused(active, error);
        yield result.next();
      }
      case JobOperationException refusal -> {
        events.error(refusal);
        yield result.next();
      }
    };
  }

  private @Nullable ActiveJob attemptFailed(ActiveJob active, Throwable error) {
    if (!active.settle()) {
      return null;
    }
    if (error instanceof RateLimitException) {
      finisher.finish(Finish.handBack(active));
      onRateLimit.run();
      return null;
    }
    if (active.isCancelled(ActiveJob.CancelCause.STOPPING)) {
      // Not the job's fault: another worker shall have it as it was.
      finisher.finish(Finish.handBack(active));
      return null;
    }
    return fail(active, error, true);
  }

  private @Nullable ActiveJob fail(ActiveJob active, Throwable error, boolean fetchNext) {
    var finish = decide(active, error);
    var result = finisher.finish(fetchNext ? finish : finish.withoutFetch());
    var refusal = result.refusal();
    if (refusal != null) {
      events.error(refusal);
    } else if (result.stored()) {
      events.tell(listener -> listener.failed(active.job(), error));
    }
    return result.next();
  }

  /** Fails a job whose completion was refused; its slot has its next job already. */
  private void failRefused(ActiveJob active, Throwable error) {
    try {
      var _ = fail(active, error, false);
    } catch (RuntimeException e) {
      events.error(e);
    }
  }

  private Finish decide(ActiveJob active, Throwable error) {
    try {
      return failure.finish(active, error);
    } catch (RuntimeException e) {
      // The backoff strategy is missing or failed: without a delay there is no retry.
      events.error(e);
      return failure.finish(active, new UnrecoverableJobException(Failure.reason(e), error));
    }
  }

  private @Nullable ActiveJob failUnprocessed(ActiveJob active, String reason) {
    if (!active.settle()) {
      return null;
    }
    var error = new UnrecoverableJobException(reason);
    var result = finisher.finish(failure.finish(active, error));
    var refusal = result.refusal();
    if (refusal != null) {
      events.error(refusal);
    } else if (result.stored()) {
      events.tell(listener -> listener.failedBeforeProcessing(active.job(), reason));
    }
    return result.next();
  }
}
