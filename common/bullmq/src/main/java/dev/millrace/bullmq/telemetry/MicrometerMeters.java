package dev.millrace.bullmq.telemetry;

import dev.millrace.bullmq.Job;
import dev.millrace.bullmq.JobCounts;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.RedisUnavailableException;
import dev.millrace.bullmq.Telemetry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts jobs with Micrometer: {@code bullmq.jobs.completed}, {@code .failed}, {@code .delayed},
 * {@code .retried}, {@code .waiting} and {@code .waiting_children}, and the timer {@code
 * bullmq.job.duration}, each by queue and job name. Job names must therefore be few; an application
 * that makes them up gives a {@code MeterFilter} to its registry. Thread-safe.
 */
public final class MicrometerMeters implements Telemetry {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final MeterRegistry registry;

  public MicrometerMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void ended(Job job, Outcome outcome, Duration took) {
    var tags = Tags.of(Names.QUEUE, job.queue(), Names.JOB, job.name());
    registry.counter(Names.counter(outcome), tags).increment();
    Timer.builder(Names.DURATION)
        .tags(tags.and(Names.JOB_STATE, Names.state(outcome)))
        .register(registry)
        .record(took);
  }

  /**
   * Also shows how many jobs a queue has in each state, as {@code bullmq.queue.jobs}. They are
   * asked for when somebody looks, once a second at most; while Redis is away there is no value.
   * One process per queue is enough.
   */
  public void watch(Queue queue) {
    var counts = new Counts(queue);
    gauge(counts, "waiting", JobCounts::waiting);
    gauge(counts, "active", JobCounts::active);
    gauge(counts, "delayed", JobCounts::delayed);
    gauge(counts, "prioritized", JobCounts::prioritized);
    gauge(counts, "waiting-children", JobCounts::waitingChildren);
    gauge(counts, "completed", JobCounts::completed);
    gauge(counts, "failed", JobCounts::failed);
  }

  private void gauge(Counts counts, String state, ToLongFunction<JobCounts> of) {
    Gauge.builder(Names.QUEUE_JOBS, () -> counts.value(of))
        .tags(Names.QUEUE, counts.queue.name(), Names.QUEUE_STATE, state)
        .description("Jobs of a queue by state")
        .register(registry);
  }

  /** The counts as they were a moment ago, so that one look at all states is one call. */
  private static final class Counts {
    private final Queue queue;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable JobCounts latest;
    private long askedNanos;

    Counts(Queue queue) {
      this.queue = queue;
    }

    double value(ToLongFunction<JobCounts> of) {
      lock.lock();
      try {
        var now = System.nanoTime();
        var counts = latest;
        if (counts == null || now - askedNanos > FRESH_NANOS) {
          counts = queue.counts();
          latest = counts;
          askedNanos = now;
        }
        return of.applyAsLong(counts);
      } catch (RedisUnavailableException e) {
        return Double.NaN;
      } finally {
        lock.unlock();
      }
    }
  }
}
