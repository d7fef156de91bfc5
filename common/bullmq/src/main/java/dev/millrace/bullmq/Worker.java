package dev.millrace.bullmq;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Takes jobs from a queue and processes them, each on a virtual thread, until it is stopped.
 *
 * <p>A job is processed at least once: if this process dies, another worker takes its jobs after
 * {@code lockDuration} and up to two stalled intervals. Redis may go away and come back at any
 * time; results wait for it. Thread-safe.
 */
public final class Worker implements AutoCloseable {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);
  private static final Duration CANCEL_GRACE = Duration.ofSeconds(1);
  private static final Duration STORE_GRACE = Duration.ofSeconds(5);

  private final RedisConnections connections;
  private final Keys keys;
  private final WorkerOptions options;
  private final WorkerEvents events;
  private final SlotPool slots;
  private final Set<ActiveJob> active = ConcurrentHashMap.newKeySet();
  private final JobSource source;
  private final Finisher finisher;
  private final RateLimits limits;
  private final Slots running;
  private final LockKeeper locks;
  private final StalledCheck stalled;

  /** Held while the worker goes from one state to another. */
  private final ReentrantLock lock = new ReentrantLock();

  private final List<AutoCloseable> background = new ArrayList<>();
  private volatile State state = State.NEW;
  private @Nullable FetchLoop fetching;
  private @Nullable Periodic recovering;

  private Worker(
      RedisConnections connections, Keys keys, Processor processor, WorkerOptions options) {
    this.connections = connections;
    this.keys = keys;
    this.options = options;
    events = new WorkerEvents(options.listener());
    var scripts = new Scripts(connections, keys, options.compat(), options.eagerFail());
    slots = new SlotPool(options.concurrency());
    source = new JobSource(scripts, options, this::taken);
    source.gate(new Gate());
    finisher = new Finisher(connections, source);
    limits = new RateLimits(scripts, source::limitUntil);
    var chain =
        new SchedulerChain(
            connections, scripts, options.runRetryDelay(), this::isStopped, events::error);
    var start = new JobStart(chain, options.maxStartedAttempts(), events);
    var traced = scripts.tracing().processing(processor, options.name());
    running =
        new Slots(traced, options, events, finisher, slots, active::remove, start, limits::met);
    locks = new LockKeeper(scripts, options, active, events);
    stalled = new StalledCheck(scripts, options, events);
  }

  private enum State {
    NEW,
    RUNNING,
    PAUSED,
    STOPPED
  }

  private final class Gate implements JobSource.Gate {
    @Override
    public boolean isOpen() {
      return state == State.RUNNING && !slots.isOverdrawn();
    }

    @Override
    public int running() {
      return active.size();
    }

    @Override
    public void foundNone() {
      events.foundNone();
    }
  }

  /**
   * Makes a worker, and runs it unless its options say {@code autorun(false)}. Returns at once,
   * also while Redis is away.
   *
   * @throws IllegalArgumentException when the queue's name is empty or holds a colon
   */
  public static Worker start(
      RedisConnections connections, String queue, Processor processor, WorkerOptions options) {
    var worker = new Worker(connections, new Keys(options.prefix(), queue), processor, options);
    if (options.autorun()) {
      worker.run();
    }
    return worker;
  }

  /**
   * Begins to take jobs. Returns at once.
   *
   * @throws IllegalStateException when the worker runs already, is paused or was stopped
   */
  public void run() {
    lock.lock();
    try {
      if (state != State.NEW) {
        throw new IllegalStateException(
            state == State.STOPPED ? "Worker was stopped." : "Worker is already running.");
      }
      background.add(connections.onLost(() -> events.tell(WorkerListener::connectionLost)));
      if (!options.skipLockRenewal()) {
        background.add(
            new Periodic(
                "bullmq-locks", options.lockRenewTime().dividedBy(2), locks::renew, events::error));
      }
      startTaking();
    } finally {
      lock.unlock();
    }
    Thread.ofVirtual().name("bullmq-ready").start(this::awaitReady);
  }

  /** Returns whether the worker takes jobs: it was started, and is neither paused nor stopped. */
  public boolean isRunning() {
    return state == State.RUNNING;
  }

  public boolean isPaused() {
    return state == State.PAUSED;
  }

  /** Returns how many jobs the worker has. */
  public int activeCount() {
    return active.size();
  }

  /** Returns how many jobs the worker runs at once. */
  public int concurrency() {
    return slots.size();
  }

  /**
   * Changes how many jobs the worker runs at once. Jobs that are too many then run to their end.
   *
   * @throws IllegalArgumentException when it is less than 1 or more than 100,000
   */
  public void concurrency(int concurrency) {
    WorkerOptions.requireConcurrency(concurrency);
    lock.lock();
    try {
      var isLess = concurrency < slots.size();
      slots.resize(concurrency);
      if (isLess && state == State.RUNNING) {
        // It may be about to ask for as many as there were.
        stopTaking();
        startTaking();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
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

  /** Asks the processors of all jobs that this worker has to end. */
  public void cancelAllJobs(String reason) {
    for (var job : active) {
      job.cancel(ActiveJob.CancelCause.REQUESTED, reason);
    }
  }

  /**
   * Lets no worker of the queue that has a rate limit start jobs for a time. The processor that
   * calls it throws {@link RateLimitException} then, which puts its job back and lets this worker
   * wait too.
   */
  public void rateLimit(Duration duration) {
    limits.limit(duration);
  }

  /**
   * Takes no more jobs until {@link #resume}; those that are active go on. Other workers of the
   * queue are not concerned.
   *
   * @param limit how long to wait for the active jobs; zero does not wait
   * @return whether no job is active any more
   */
  public boolean pause(Duration limit) throws InterruptedException {
    lock.lock();
    try {
      if (state != State.RUNNING) {
        return active.isEmpty();
      }
      state = State.PAUSED;
      stopTaking();
    } finally {
      lock.unlock();
    }
    var done = slots.awaitFree(limit);
    events.tell(WorkerListener::paused);
    return done;
  }

  /** Takes jobs again after {@link #pause}; does nothing unless the worker is paused. */
  public void resume() {
    lock.lock();
    try {
      if (state != State.PAUSED) {
        return;
      }
      source.forget();
      // Told first, so that no listener hears of the next job before it.
      events.tell(WorkerListener::resumed);
      startTaking();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Stops the worker: takes no more jobs, waits for those it has, cancels what is not done when the
   * limit is over, and hands it back to the queue as if it had not been taken. A processor that
   * does not react to being cancelled is left behind; its result is dropped.
   *
   * @return whether all jobs came to their own end
   */
  public boolean stop(Duration limit) {
    lock.lock();
    try {
      if (state == State.STOPPED) {
        return active.isEmpty();
      }
      state = State.STOPPED;
    } finally {
      lock.unlock();
    }
    events.tell(WorkerListener::closing);
    source.close();
    try {
      stopTaking();
      return slots.awaitFree(limit) || handBack();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      closeBackground();
      events.tell(WorkerListener::closed);
    }
  }

  /** Stops the worker, and gives its jobs 30 s to end. */
  @Override
  public void close() {
    stop(CLOSE_LIMIT);
  }

  /** Stops the worker; with {@code force} it hands its jobs back without waiting for them. */
  public void close(boolean force) {
    stop(force ? Duration.ZERO : CLOSE_LIMIT);
  }

  private boolean isStopped() {
    return state == State.STOPPED;
  }

  private void taken(ActiveJob job) {
    events.foundOne();
    job.onProgress(json -> events.tell(listener -> listener.progress(job.job(), json)));
    active.add(job);
  }

  private void startTaking() {
    state = State.RUNNING;
    var marker = new MarkerWait(connections, source, keys, options.name());
    var loop =
        new FetchLoop(connections, source, marker, options, slots, running::start, events::error);
    fetching = loop;
    if (!options.skipStalledCheck()) {
      recovering =
          new Periodic("bullmq-stalled", options.stalledInterval(), stalled::run, events::error);
    }
    loop.start();
  }

  private void stopTaking() throws InterruptedException {
    if (recovering != null) {
      recovering.close();
    }
    if (fetching != null) {
      fetching.stop(STORE_GRACE);
    }
  }

  private void awaitReady() {
    try {
      while (!isStopped()) {
        if (connections.awaitUp(STORE_GRACE)) {
          events.tell(WorkerListener::ready);
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean handBack() throws InterruptedException {
    for (var job : active) {
      job.cancel(ActiveJob.CancelCause.STOPPING, "the worker is stopping");
    }
    finisher.giveUpAfter(STORE_GRACE);
    if (slots.awaitFree(CANCEL_GRACE)) {
      return false;
    }
    for (var job : active) {
      if (job.settle()) {
        handBack(job);
      }
    }
    slots.awaitFree(CANCEL_GRACE);
    return false;
  }

  private void handBack(ActiveJob job) {
    try {
      var refusal = finisher.finish(Finish.handBack(job)).refusal();
      if (refusal != null) {
        events.error(refusal);
      }
    } catch (BullMqException e) {
      // The stalled check of another worker finds it.
      events.error(e);
    } finally {
      active.remove(job);
    }
  }

  private void closeBackground() {
    for (var closeable : background) {
      try {
        closeable.close();
      } catch (Exception e) {
        events.error(e);
      }
    }
  }
}
