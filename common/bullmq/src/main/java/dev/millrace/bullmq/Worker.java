package dev.millrace.bullmq;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes jobs from a queue and processes them, each on a virtual thread, until it is stopped.
 *
 * <p>A job is processed at least once: if this process dies, another worker takes its jobs after
 * {@code lockDuration} and up to two stalled intervals. Redis may go away and come back at any
 * time; results wait for it. Thread-safe.
 */
public final class Worker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);
  private static final Duration CANCEL_GRACE = Duration.ofSeconds(1);
  private static final Duration STORE_GRACE = Duration.ofSeconds(5);

  /** BullMQ's own words. */
  private static final String STALLED_TOO_OFTEN = "job stalled more than allowable limit";

  private final WorkerOptions options;
  private final Semaphore slots;
  private final Set<ActiveJob> active = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final JobSource source;
  private final Finisher finisher;
  private final FetchLoop fetching;
  private final Periodic renewing;
  private final Periodic recovering;

  private Worker(
      RedisConnections connections, Keys keys, Processor processor, WorkerOptions options) {
    this.options = options;
    var scripts = new Scripts(connections, keys, options.compat(), options.eagerFail());
    slots = new Semaphore(options.concurrency());
    source = new JobSource(scripts, options, active::add);
    finisher = new Finisher(connections, source);
    var traced = scripts.tracing().processing(processor, options.name());
    var running = new Slots(traced, options, finisher, slots, active::remove);
    var marker = new MarkerWait(connections, keys, options.name());
    fetching =
        new FetchLoop(connections, source, marker, options, slots, running::start, this::report);
    var locks = new LockKeeper(scripts, options, active, this::lockLost);
    renewing =
        new Periodic(
            "bullmq-locks", options.lockRenewTime().dividedBy(2), locks::renew, this::report);
    recovering =
        new Periodic(
            "bullmq-stalled",
            options.stalledInterval(),
            () -> recover(scripts, keys.queue()),
            this::report);
  }

  /**
   * Starts a worker. Returns at once, also while Redis is away.
   *
   * @throws IllegalArgumentException when the queue's name is empty or holds a colon
   */
  public static Worker start(
      RedisConnections connections, String queue, Processor processor, WorkerOptions options) {
    var worker = new Worker(connections, new Keys(options.prefix(), queue), processor, options);
    worker.fetching.start();
    return worker;
  }

  /** Returns how many jobs the worker has. */
  public int activeCount() {
    return active.size();
  }

  /**
   * Returns when Redis last answered the worker's question for jobs. An idle worker asks every
   * {@code drainDelay} or so; one whose slots are all taken does not ask until a job ends.
   */
  public Instant lastFetch() {
    return source.lastFetch();
  }

  /** Asks the processor of a job to end; returns whether this worker has that job. */
  public boolean cancelJob(String id, String reason) {
    var found = false;
    for (var job : active) {
      if (job.id().equals(id)) {
        job.cancel(ActiveJob.CancelCause.REQUESTED, reason);
        found = true;
      }
    }
    return found;
  }

  /**
   * Stops the worker: takes no more jobs, waits for those it has, cancels what is not done when the
   * limit is over, and hands it back to the queue as if it had not been taken. A processor that
   * does not react to being cancelled is left behind; its result is dropped.
   *
   * @return whether all jobs came to their own end
   */
  public boolean stop(Duration limit) {
    if (!stopping.compareAndSet(false, true)) {
      return active.isEmpty();
    }
    source.close();
    try {
      fetching.stop(STORE_GRACE);
      var done = awaitSlots(limit);
      return done || handBack();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      renewing.close();
      recovering.close();
    }
  }

  /** Stops the worker, and gives its jobs 30 s to end. */
  @Override
  public void close() {
    stop(CLOSE_LIMIT);
  }

  private boolean handBack() throws InterruptedException {
    for (var job : active) {
      job.cancel(ActiveJob.CancelCause.STOPPING, "the worker is stopping");
    }
    finisher.giveUpAfter(STORE_GRACE);
    if (awaitSlots(CANCEL_GRACE)) {
      return false;
    }
    for (var job : active) {
      if (job.settle()) {
        handBack(job);
      }
    }
    awaitSlots(CANCEL_GRACE);
    return false;
  }

  private void handBack(ActiveJob job) {
    try {
      var refusal = finisher.finish(Finish.handBack(job)).refusal();
      if (refusal != null) {
        report(refusal);
      }
    } catch (BullMqException e) {
      // The stalled check of another worker finds it.
      report(e);
    } finally {
      active.remove(job);
    }
  }

  private boolean awaitSlots(Duration limit) throws InterruptedException {
    var all = options.concurrency();
    if (!slots.tryAcquire(all, limit.toNanos(), TimeUnit.NANOSECONDS)) {
      return false;
    }
    slots.release(all);
    return true;
  }

  private void recover(Scripts scripts, String queue) {
    var arguments = scripts.arguments(System.currentTimeMillis());
    arguments.add(Integer.toString(options.maxStalledCount()));
    arguments.add(Long.toString(options.stalledInterval().toMillis()));
    var reply = scripts.call(Script.STALLED, arguments);
    for (var id : (List<?>) reply.getFirst()) {
      tell(() -> options.listener().stalled(String.valueOf(id)));
    }
    // Only with eagerFail; otherwise whoever takes such a job fails it.
    for (var i = 1; i + 1 < reply.size(); i += 2) {
      var job = JobHash.read(queue, String.valueOf(reply.get(i)), (List<?>) reply.get(i + 1));
      tell(() -> options.listener().failedBeforeProcessing(job, STALLED_TOO_OFTEN));
    }
  }

  private void lockLost(ActiveJob job) {
    tell(() -> options.listener().lockLost(job.job()));
  }

  private void report(Throwable error) {
    log.debug("Worker", error);
    tell(() -> options.listener().error(error));
  }

  private static void tell(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException e) {
      log.warn("A worker's listener failed", e);
    }
  }
}
