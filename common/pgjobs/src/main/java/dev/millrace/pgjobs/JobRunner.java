package dev.millrace.pgjobs;

import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Does the jobs of a schema, each on a virtual thread, until it is stopped. Thread-safe.
 *
 * <p>A job is done at least once: if this process dies, another runner of ours takes its jobs when
 * the lease is over, one of graphile-worker's after four hours. PostgreSQL may go away and come
 * back at any time; outcomes wait for it. What a stop cannot wait for is given back or failed:
 * nothing stays locked.
 */
public final class JobRunner implements AutoCloseable {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  /** How long a stop waits for PostgreSQL to take what is known. */
  private static final Duration STORE_LIMIT = Duration.ofSeconds(10);

  private static final long PART_LIMIT_MS = 5_000;
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final RunnerOptions options;
  private final boolean once;
  private final Set<ActiveJob> active = ConcurrentHashMap.newKeySet();
  private final RunnerEvents events;
  private final HeldConnection claiming;
  private final HeldConnection storing;
  private final JobSource source;
  private final Finisher finisher;
  private final Slots slots;
  private final Fetcher fetcher;
  private final Watch watch;
  private final Tender tender;
  private final Notifications notifications;
  private final @Nullable CronRunner cron;
  private final Wakeup changed = new Wakeup();
  private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
  private final AtomicInteger completed = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final ReentrantLock stopping = new ReentrantLock();
  private volatile boolean stopped;

  private JobRunner(PgJobs jobs, Tasks tasks, RunnerOptions options, boolean once) {
    this.options = options;
    this.once = once;
    var database = jobs.database();
    var sql = jobs.sql();
    var local = options.localQueue();
    events = new RunnerEvents(options.listener());
    claiming = held(database, HeldConnection.FOR_CLAIMS);
    storing = held(database, HeldConnection.FOR_OUTCOMES);
    source = new JobSource(sql, tasks.names(), options.clock());
    var store = new OutcomeStore(sql, options.clock());
    finisher = new Finisher(storing, store, this::stored, events::error);
    var execution =
        new Execution(jobs, tasks, options, events, finisher::finish, this::completedByTask);
    slots =
        new Slots(
            options.concurrency(),
            local == null ? 0 : local.size() / 2,
            execution::run,
            this::slotFree);
    fetcher = new Fetcher(this::claim, options, slots, active::size, events, once);
    watch = new Watch(active, slots, execution, options, events, finisher::finish);
    var heartbeat = new Heartbeat(sql, jobs.options().name(), options.lease());
    tender = new Tender(database, heartbeat, store, active, options, events, this::poolLost, once);
    notifications = new Notifications(database.source(), new Heard(), events);
    cron =
        once || options.cron().isEmpty()
            ? null
            : new CronRunner(
                database,
                new CronStore(sql),
                options.cron(),
                options.clock() == null ? InstantSource.system() : options.clock(),
                events);
  }

  private HeldConnection held(Database database, String setUp) {
    return new HeldConnection(
        database.source(), options.transactionPooling() ? HeldConnection.NONE : setUp);
  }

  private final class Heard implements Notifications.Heard {
    @Override
    public void jobs() {
      fetcher.tellAndLook();
    }

    @Override
    public void migrated(int revision, boolean breaking) {
      if (Migration.breaksWithUs(revision, breaking)) {
        var reason =
            new SchemaVersionException(
                "the schema was migrated to revision %d, which breaks with this library (%d)"
                    .formatted(revision, Migration.NEWEST));
        events.error("the runner stops", reason);
        Thread.ofVirtual().start(() -> stop(CLOSE_LIMIT, reason));
      }
    }
  }

  /**
   * Brings the schema up to date, then begins to do jobs.
   *
   * @throws PgJobsException when PostgreSQL is away or refuses
   * @throws SchemaVersionException when the schema is not one for us
   */
  public static JobRunner start(PgJobs jobs, Tasks tasks, RunnerOptions options) {
    jobs.migrate();
    var runner = new JobRunner(jobs, tasks, options, false);
    runner.begin();
    return runner;
  }

  /**
   * Brings the schema up to date, does what can be done now and returns: jobs of one queue after
   * each other, jobs that were added meanwhile too. Crontabs do not matter.
   *
   * @throws PgJobsException when PostgreSQL is away or refuses
   * @throws InterruptedException when it is interrupted; jobs that run are aborted then
   */
  public static RunSummary runOnce(PgJobs jobs, Tasks tasks, RunnerOptions options)
      throws InterruptedException {
    jobs.migrate();
    var runner = new JobRunner(jobs, tasks, options, true);
    try {
      runner.begin();
      var error = runner.fetcher.awaitEnd();
      if (error instanceof SQLException e) {
        throw SqlErrors.translated("cannot fetch jobs", e);
      }
    } finally {
      runner.stop(STORE_LIMIT);
    }
    return new RunSummary(runner.completed.get(), runner.failed.get());
  }

  private void begin() {
    var name = "pgjobs-" + COUNT.incrementAndGet() + "-";
    tender.start(name + "tend");
    finisher.start(name + "finish");
    watch.start(name + "watch");
    fetcher.start(name + "fetch");
    if (!once && !options.transactionPooling()) {
      notifications.start(name + "listen");
    }
    if (cron != null) {
      cron.start(name + "cron");
    }
    var limit = options.stopOnShutdown();
    if (limit != null) {
      ShutdownHook.register(this, limit);
    }
  }

  private List<ActiveJob> claim(int limit, Set<String> forbidden) throws SQLException {
    var pool = tender.pool();
    var jobs = claiming.call(c -> source.fetch(c, pool, limit, forbidden));
    active.addAll(jobs);
    // Too late, or under a name that is not ours any more.
    var refused = pool.equals(tender.pool()) ? slots.add(jobs) : jobs;
    refused.forEach(job -> finisher.finish(new Outcome.Returned(job)));
    return jobs;
  }

  private void slotFree() {
    fetcher.slotFree();
  }

  private void stored(Outcome outcome, Finisher.Result result) {
    var job = outcome.job();
    active.remove(job);
    switch (outcome) {
      case Outcome.Completed _ when result == Finisher.Result.NOT_OURS ->
          events.lockLost(job.job());
      case Outcome.Failed _ when result == Finisher.Result.NOT_OURS -> events.lockLost(job.job());
      case Outcome.Completed _ -> completed(job);
      case Outcome.Failed failure -> {
        failed.incrementAndGet();
        events.failed(job.job(), failure.reason(), result == Finisher.Result.STORED_RETRY);
      }
      case Outcome.Returned _ -> {
        // As if it had never been here.
      }
    }
    storedOne(job);
  }

  private void completedByTask(ActiveJob job) {
    active.remove(job);
    completed(job);
    storedOne(job);
  }

  private void completed(ActiveJob job) {
    completed.incrementAndGet();
    events.completed(job.job(), System.nanoTime() - job.startedAt());
  }

  private void storedOne(ActiveJob job) {
    if (job.isQueued() || once) {
      // Its queue is free for the next one, now that it is stored.
      fetcher.tell();
    }
    changed.ring();
  }

  private void poolLost(String pool) {
    for (var job : slots.drain()) {
      active.remove(job);
    }
    active.stream()
        .filter(job -> job.pool().equals(pool))
        .forEach(job -> {
          var _ = job.abort("its runner gave no sign of life, so another does the job");
        });
  }

  /** Returns the name in which this runner locks jobs now. */
  public String poolId() {
    return tender.pool();
  }

  /** Returns how many jobs the runner has: running, in line, or about to be stored. */
  public int activeCount() {
    return active.size();
  }

  /** Returns whether the runner was not stopped yet. */
  public boolean isRunning() {
    return !stopped;
  }

  /** Aborts a job if this runner has it; returns whether it has. */
  public boolean cancel(long jobId, String reason) {
    return active.stream().filter(job -> job.id() == jobId).anyMatch(job -> job.abort(reason));
  }

  /**
   * Returns what completes when the runner has stopped; with a {@link SchemaVersionException} when
   * it stopped by itself because the schema broke with it.
   */
  public CompletableFuture<@Nullable Void> whenStopped() {
    return end.copy();
  }

  /**
   * Stops: begins nothing any more, waits {@code grace} for what runs, then aborts it and fails
   * what does not end within {@link RunnerOptions#abortGrace}. Returns when nothing is locked any
   * more.
   */
  public void stop(Duration grace) {
    stop(grace, null);
  }

  private void stop(Duration grace, @Nullable RuntimeException reason) {
    stopping.lock();
    try {
      if (stopped) {
        return;
      }
      stopped = true;
      stopParts(grace);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      claiming.close();
      storing.close();
      stopping.unlock();
      if (reason == null) {
        end.complete(null);
      } else {
        end.completeExceptionally(reason);
      }
    }
  }

  private void stopParts(Duration grace) throws InterruptedException {
    for (var job : slots.close()) {
      finisher.finish(new Outcome.Returned(job));
    }
    if (cron != null) {
      cron.close(PART_LIMIT_MS);
    }
    if (!once && !options.transactionPooling()) {
      notifications.close(PART_LIMIT_MS);
    }
    var _ = fetcher.stop(PART_LIMIT_MS);
    if (!awaitIdle(grace)) {
      active.forEach(job -> {
        var _ = job.abort("the runner stops");
      });
      if (!awaitIdle(options.abortGrace())) {
        active.forEach(this::failUnended);
      }
    }
    watch.close();
    var _ = finisher.close(STORE_LIMIT);
    tender.close(PART_LIMIT_MS);
  }

  private void failUnended(ActiveJob job) {
    if (job.settle()) {
      var reason = "the runner stopped, and the task did not end when it was told to";
      finisher.finish(new Outcome.Failed(job, reason, null, false));
    }
  }

  private boolean awaitIdle(Duration limit) throws InterruptedException {
    var end = System.nanoTime() + limit.toNanos();
    while (!active.isEmpty()) {
      var left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      var _ = changed.await(left);
    }
    return true;
  }

  /** Stops and waits up to 30 s for jobs that run. */
  @Override
  public void close() {
    stop(CLOSE_LIMIT);
  }
}
