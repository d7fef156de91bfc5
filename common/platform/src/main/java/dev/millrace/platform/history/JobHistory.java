package dev.millrace.platform.history;

import dev.millrace.bullmq.Job;
import dev.millrace.bullmq.WorkerListener;
import dev.millrace.platform.db.DatabaseUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the jobs that this process ends and stores the sums every few seconds, so that a job costs
 * no statement. Sums that PostgreSQL does not take are kept and stored with the next ones; those of
 * a process that is killed are lost.
 *
 * <p>Thread-safe.
 */
public final class JobHistory implements WorkerListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobHistory.class);
  private static final Duration FLUSH_EVERY = Duration.ofSeconds(5);
  private static final long LOCK_WAIT_SECONDS = 10;

  /** Older history goes. */
  private static final int DAYS_KEPT = 400;

  /** Queues times hours that are kept while PostgreSQL is away. */
  private static final int MOST_HOURS = 2_000;

  private final JobHistoryStore store;
  private final Clock clock;
  private final ScheduledExecutorService timer;
  // Guarded by this.
  private Map<HourOfQueue, Sums> sums = new HashMap<>();
  // Only the timer's thread, and close() after it, use this.
  private LocalDate purgedOn = LocalDate.MIN;

  /** An hour of a queue. */
  record HourOfQueue(String queue, Instant hour) {}

  /** What happened in it; not thread-safe. */
  static final class Sums {
    long completed;
    long failed;
    long oldestWait;
    final Map<Integer, Long> runTimes = new HashMap<>();
    final Map<Integer, Long> waitTimes = new HashMap<>();

    private void add(Sums other) {
      completed += other.completed;
      failed += other.failed;
      oldestWait = Math.max(oldestWait, other.oldestWait);
      other.runTimes.forEach((bucket, jobs) -> runTimes.merge(bucket, jobs, Long::sum));
      other.waitTimes.forEach((bucket, jobs) -> waitTimes.merge(bucket, jobs, Long::sum));
    }
  }

  public JobHistory(JobHistoryStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
    timer =
        Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("history").factory());
    var millis = FLUSH_EVERY.toMillis();
    var _ = timer.scheduleWithFixedDelay(this::flush, millis, millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void completed(Job job, String returnValue) {
    count(job, true);
  }

  /** An attempt that will be repeated is no end. */
  @Override
  public void failed(Job job, Throwable error) {
    var attempts = job.options().attempts();
    if (attempts == null || job.attemptsMade() + 1 >= attempts) {
      count(job, false);
    }
  }

  @Override
  public void failedBeforeProcessing(Job job, String reason) {
    count(job, false);
  }

  private void count(Job job, boolean completed) {
    var now = clock.millis();
    var began = job.processedOn() == null ? now : job.processedOn();
    // A retry begins long after the job was added; what it waited for then is its backoff.
    var first = job.attemptsMade() == 0;
    var delay = job.options().delay();
    var waited = Math.max(0, began - job.timestamp() - (delay == null ? 0 : delay));
    synchronized (this) {
      var hour = Instant.ofEpochMilli(now).truncatedTo(ChronoUnit.HOURS);
      var of = sums.computeIfAbsent(new HourOfQueue(job.queue(), hour), _ -> new Sums());
      if (completed) {
        of.completed++;
      } else {
        of.failed++;
      }
      of.runTimes.merge(Buckets.of(Math.max(0, now - began)), 1L, Long::sum);
      if (first) {
        of.waitTimes.merge(Buckets.of(waited), 1L, Long::sum);
        of.oldestWait = Math.max(of.oldestWait, waited);
      }
    }
  }

  /** Stores what was counted since the last time. */
  void flush() {
    Map<HourOfQueue, Sums> taken;
    synchronized (this) {
      taken = sums;
      sums = new HashMap<>();
    }
    if (taken.isEmpty()) {
      return;
    }
    try {
      store.add(taken);
      purgeOnceADay();
    } catch (DatabaseUnavailableException e) {
      LOG.debug("the history of jobs is stored later: {}", e.getMessage());
      keep(taken);
    } catch (RuntimeException e) {
      // The timer would stop at an exception; the next sums may be taken.
      LOG.warn("the history of some jobs cannot be stored", e);
    }
  }

  private void purgeOnceADay() {
    var today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    if (!today.equals(purgedOn)) {
      store.purge(null, today.minusDays(DAYS_KEPT));
      purgedOn = today;
    }
  }

  private synchronized void keep(Map<HourOfQueue, Sums> taken) {
    taken.forEach((hour, of) -> {
      if (sums.size() < MOST_HOURS || sums.containsKey(hour)) {
        sums.computeIfAbsent(hour, _ -> new Sums()).add(of);
      }
    });
  }

  /** Stores the rest; to be closed after the workers and before the database. */
  @Override
  public void close() {
    timer.shutdown();
    try {
      if (!timer.awaitTermination(LOCK_WAIT_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("the history of jobs is still being stored");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    flush();
  }
}
