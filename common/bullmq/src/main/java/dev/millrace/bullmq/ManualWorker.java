package dev.millrace.bullmq;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes jobs one by one for a caller that processes them itself.
 *
 * <p>The caller must end each job before its lock expires after {@code lockDuration}, or renew that
 * with {@link ActiveJob#extendLock}; must fail a job with a {@link Job#deferredFailure} without
 * processing it; and should call {@link #recoverStalled} every {@code stalledInterval} unless
 * ordinary workers share the queue. Thread-safe; only one thread at a time waits for a job.
 */
public final class ManualWorker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ManualWorker.class);

  private final WorkerOptions options;
  private final Scripts scripts;
  private final JobSource source;
  private final Finisher finisher;
  private final Failure failure;
  private final MarkerWait marker;
  private final ReentrantLock waiting = new ReentrantLock();
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * @throws IllegalArgumentException when the queue's name is empty or holds a colon
   */
  public ManualWorker(RedisConnections connections, String queue, WorkerOptions options) {
    this.options = options;
    var keys = new Keys(options.prefix(), queue);
    scripts = new Scripts(connections, keys, options.compat(), options.eagerFail());
    source = new JobSource(scripts, options, _ -> {});
    finisher = new Finisher(connections, source);
    failure = new Failure(options);
    marker = new MarkerWait(connections, source, keys, options.name());
  }

  /**
   * Takes the next job.
   *
   * @param limit how long to wait for one; zero only looks
   * @return empty if none came
   * @throws RedisUnavailableException when Redis is away
   */
  public Optional<ActiveJob> next(Duration limit) throws InterruptedException {
    var deadline = System.nanoTime() + limit.toNanos();
    waiting.lockInterruptibly();
    try {
      while (closed.getCount() > 0) {
        source.reclaimLost();
        var taken = source.fetch(1);
        if (!taken.jobs().isEmpty()) {
          return Optional.of(taken.jobs().getFirst());
        }
        var left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return Optional.empty();
        }
        var job = awaitSign(taken, left);
        if (job != null) {
          return Optional.of(job);
        }
      }
      return Optional.empty();
    } finally {
      waiting.unlock();
    }
  }

  private @Nullable ActiveJob awaitSign(Taken taken, long left) throws InterruptedException {
    var now = scripts.now();
    if (taken.limitedUntil() > now) {
      var _ = closed.await(Math.min(left, taken.limitedUntil() - now), TimeUnit.MILLISECONDS);
      return null;
    }
    var wait = Math.min(left, options.drainDelay().toMillis());
    var due = taken.nextDue() > 0 ? Math.max(1, taken.nextDue() - now) : wait;
    var found = new AtomicReference<ActiveJob>();
    marker.take(Duration.ofMillis(Math.min(wait, due)), found::set);
    return found.get();
  }

  /**
   * Completes a job.
   *
   * @param returnValue JSON text
   * @param fetchNext whether to take another job in the same step
   * @return that job, if there is one
   * @throws JobOperationException.LockLost when the job is not this worker's any more
   * @throws JobOperationException.Children when its children forbid it
   */
  public Optional<ActiveJob> complete(ActiveJob job, String returnValue, boolean fetchNext) {
    var keep = Failure.keep(job.job().options().removeOnComplete(), options.removeOnComplete());
    return end(job, Finish.completed(job, returnValue, keep), fetchNext);
  }

  /**
   * Fails an attempt, after which the job is tried again if its options say so.
   *
   * @param fetchNext whether to take another job in the same step
   * @return that job, if there is one
   * @throws JobOperationException.LockLost when the job is not this worker's any more
   */
  public Optional<ActiveJob> fail(ActiveJob job, Throwable error, boolean fetchNext) {
    return end(job, failure.finish(job, error), fetchNext);
  }

  private Optional<ActiveJob> end(ActiveJob job, Finish finish, boolean fetchNext) {
    finisher.giveUpAfter(RedisConnections.CALL_LIMIT);
    var next = new @Nullable ActiveJob[1];
    job.leave(() -> {
      var result = finisher.finish(fetchNext ? finish : finish.withoutFetch());
      var refusal = result.refusal();
      if (refusal != null) {
        handBack(result.next());
        throw refusal;
      }
      next[0] = result.next();
      return true;
    });
    return Optional.ofNullable(next[0]);
  }

  /** The caller gets an exception instead of this job. */
  private void handBack(@Nullable ActiveJob job) {
    if (job != null) {
      var _ = finisher.finish(Finish.handBack(job));
    }
  }

  /**
   * Puts back the jobs of workers that went silent; does nothing if any worker did so within the
   * last {@code stalledInterval}.
   *
   * @return their ids
   */
  public List<String> recoverStalled() {
    var reply =
        scripts.callNow(
            Script.STALLED,
            Integer.toString(options.maxStalledCount()),
            Long.toString(options.stalledInterval().toMillis()));
    return ((List<?>) reply.getFirst()).stream().map(String::valueOf).toList();
  }

  /** Ends a wait for jobs and takes no more. Jobs that were taken can still be ended. */
  @Override
  public void close() {
    closed.countDown();
    source.close();
    waiting.lock();
    try {
      marker.close();
      source.reclaimLost();
    } catch (BullMqException e) {
      log.debug("What a wait that was cut short may have taken is left to the stalled check", e);
    } finally {
      waiting.unlock();
    }
  }
}
