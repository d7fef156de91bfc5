package dev.millrace.bullmq.telemetry;

import dev.millrace.bullmq.Job;
import dev.millrace.bullmq.JobState;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.Telemetry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/**
 * Counts jobs with Micrometer: {@code bullmq.jobs.completed}, {@code .failed}, {@code .delayed},
 * {@code .retried}, {@code .waiting} and {@code .waiting_children}, and the timer {@code
 * bullmq.job.duration}, each by queue and job name. Job names must therefore be few; an application
 * that makes them up gives a {@code MeterFilter} to its registry. Thread-safe.
 */
public final class MicrometerMeters implements Telemetry {
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
    var jobs = new QueueJobs(queue);
    for (var state : QueueJobs.STATES) {
      Gauge.builder(Names.QUEUE_JOBS, () -> value(jobs, state))
          .tags(Names.QUEUE, jobs.queueName(), Names.QUEUE_STATE, state.wireName())
          .description("Jobs of a queue by state")
          .register(registry);
    }
  }

  private static double value(QueueJobs jobs, JobState state) {
    var number = jobs.in(state);
    return number.isPresent() ? number.getAsLong() : Double.NaN;
  }
}
