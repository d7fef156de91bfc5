package dev.millrace.pgjobs.telemetry;

import dev.millrace.pgjobs.Job;
import dev.millrace.pgjobs.JobCounts;
import dev.millrace.pgjobs.PgJobs;
import dev.millrace.pgjobs.PgJobsException;
import dev.millrace.pgjobs.RunnerListener;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToDoubleFunction;

/**
 * Counts a runner's work with Micrometer: the timers {@code pgjobs.job.duration} (by task and
 * outcome: completed, failed, dead), {@code pgjobs.job.delay} (by task: from when a job could have
 * begun to when it did) and {@code pgjobs.fetch}, and the counters {@code pgjobs.jobs.fetched},
 * {@code pgjobs.jobs.recovered}, {@code pgjobs.locks.lost} and {@code pgjobs.errors}. Give it to
 * {@link dev.millrace.pgjobs.RunnerOptions.Builder#listener}. Thread-safe.
 */
public final class MicrometerMeters implements RunnerListener {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final String TASK = "task";
  private static final String OUTCOME = "outcome";

  private final MeterRegistry registry;

  public MicrometerMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void started(Job job) {
    var locked = job.lockedAt();
    if (locked != null) {
      var since = job.createdAt().isAfter(job.runAt()) ? job.createdAt() : job.runAt();
      var delay = Duration.between(since, locked);
      Timer.builder("pgjobs.job.delay")
          .description("From when a job could have begun to when it was fetched")
          .tag(TASK, job.task())
          .register(registry)
          .record(delay.isNegative() ? Duration.ZERO : delay);
    }
  }

  @Override
  public void completed(Job job, Duration took) {
    ended(job, "completed", took);
  }

  @Override
  public void failed(Job job, String reason, boolean willRetry) {
    var locked = job.lockedAt();
    var took = locked == null ? Duration.ZERO : Duration.between(locked, Instant.now());
    ended(job, willRetry ? "failed" : "dead", took.isNegative() ? Duration.ZERO : took);
  }

  private void ended(Job job, String outcome, Duration took) {
    Timer.builder("pgjobs.job.duration")
        .description("How long an attempt took")
        .tags(TASK, job.task(), OUTCOME, outcome)
        .register(registry)
        .record(took);
  }

  @Override
  public void lockLost(Job job) {
    registry.counter("pgjobs.locks.lost", TASK, job.task()).increment();
  }

  @Override
  public void fetched(int jobs, Duration took) {
    registry.timer("pgjobs.fetch").record(took);
    registry.counter("pgjobs.jobs.fetched").increment(jobs);
  }

  @Override
  public void recovered(int jobs) {
    registry.counter("pgjobs.jobs.recovered").increment(jobs);
  }

  @Override
  public void error(String what, Throwable error) {
    registry.counter("pgjobs.errors").increment();
  }

  /**
   * Also shows how many jobs there are in each state, as {@code pgjobs.jobs}, and how long the
   * oldest one has been ready, as {@code pgjobs.jobs.oldest.ready}. They are asked for when
   * somebody looks, every five seconds at most; while PostgreSQL is away there is no value. One
   * process per schema is enough.
   */
  public void watch(PgJobs jobs) {
    var counts = new Counts(jobs);
    var schema = jobs.options().name();
    gauge(counts, schema, "ready", JobCounts::ready);
    gauge(counts, schema, "waiting", JobCounts::waiting);
    gauge(counts, schema, "locked", JobCounts::locked);
    gauge(counts, schema, "dead", JobCounts::dead);
    Gauge.builder("pgjobs.jobs.oldest.ready", () -> counts.oldestReady())
        .description("For how long the oldest ready job has been ready")
        .baseUnit("seconds")
        .tag("schema", schema)
        .register(registry);
  }

  private void gauge(
      Counts counts, String schema, String state, ToDoubleFunction<JobCounts> number) {
    Gauge.builder("pgjobs.jobs", () -> counts.sum(number))
        .description("Jobs by state")
        .tags("schema", schema, "state", state)
        .register(registry);
  }

  /** The counts as they were a moment ago, so that one look at all states is one query. */
  private static final class Counts {
    private final PgJobs jobs;
    private final ReentrantLock lock = new ReentrantLock();
    private List<JobCounts> latest = List.of();
    private long askedNanos = System.nanoTime() - FRESH_NANOS;

    Counts(PgJobs jobs) {
      this.jobs = jobs;
    }

    double sum(ToDoubleFunction<JobCounts> number) {
      lock.lock();
      try {
        return fresh().stream().mapToDouble(number).sum();
      } catch (PgJobsException e) {
        return Double.NaN;
      } finally {
        lock.unlock();
      }
    }

    double oldestReady() {
      lock.lock();
      try {
        var now = Instant.now();
        return fresh().stream()
            .map(JobCounts::oldestReady)
            .filter(since -> since != null && since.isBefore(now))
            .mapToDouble(since -> Duration.between(since, now).toMillis() / 1e3)
            .max()
            .orElse(0);
      } catch (PgJobsException e) {
        return Double.NaN;
      } finally {
        lock.unlock();
      }
    }

    private List<JobCounts> fresh() {
      if (System.nanoTime() - askedNanos >= FRESH_NANOS) {
        latest = jobs.counts();
        askedNanos = System.nanoTime();
      }
      return latest;
    }
  }
}
