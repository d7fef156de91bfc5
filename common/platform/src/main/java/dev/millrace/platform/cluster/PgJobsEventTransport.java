package dev.millrace.platform.cluster;

import dev.millrace.cluster.Payload;
import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.events.DeadLetter;
import dev.millrace.cluster.events.EventOptions;
import dev.millrace.cluster.events.EventTransport;
import dev.millrace.cluster.events.QueueFullException;
import dev.millrace.pgjobs.Job;
import dev.millrace.pgjobs.JobFilter;
import dev.millrace.pgjobs.NewJob;
import dev.millrace.pgjobs.PgJobs;
import dev.millrace.pgjobs.PgJobsException;
import java.time.Duration;
import java.util.List;

/**
 * Events as jobs in PostgreSQL, a task for each channel. An event that is tried again is a new job,
 * since jobs wait by a rule of their own; one that failed for good is a job without attempts left.
 */
public final class PgJobsEventTransport implements EventTransport {
  /** How many events of a channel may wait. */
  public static final int DEFAULT_LIMIT = 10_000;

  /** Marks events, so that a runner can leave them alone while its consumer is not idle. */
  static final String FLAG = "event";

  private static final String TASK = "event:";

  private final PgJobs jobs;
  private final int limit;

  /**
   * @param jobs closed by the caller, after this; each channel that is consumed takes five of its
   *     connections
   * @param limit how many events of a channel may wait, 10,000 at most
   */
  public PgJobsEventTransport(PgJobs jobs, int limit) {
    this.jobs = jobs;
    this.limit = limit;
  }

  static String task(String channel) {
    return TASK + channel;
  }

  /** Returns the job of an attempt, which waits by the clock of PostgreSQL. */
  static NewJob job(PgJobs jobs, String channel, Attempt attempt, Duration delay) {
    var job = NewJob.of(task(channel), EventJob.write(attempt)).withMaxAttempts(1).withFlags(FLAG);
    return delay.isZero() ? job : job.withRunAt(jobs.now().plus(delay));
  }

  @Override
  public void open() {
    try {
      jobs.migrate();
    } catch (PgJobsException e) {
      throw unavailable("events", e);
    }
  }

  @Override
  public String publish(String channel, Payload message, EventOptions options) {
    var id = EventJob.newId();
    try {
      if (waiting(channel) >= limit) {
        throw new QueueFullException(channel, limit);
      }
      var _ = jobs.add(job(jobs, channel, new Attempt(id, message, options, 0), options.delay()));
      return id;
    } catch (PgJobsException e) {
      throw unavailable("an event of " + channel, e);
    }
  }

  @Override
  public Consumption consume(String channel, Consumer consumer) {
    return new PgJobsConsumption(jobs, channel, consumer);
  }

  @Override
  public long waiting(String channel) {
    try {
      return (long) list(JobFilter.State.READY, channel, limit).size()
          + list(JobFilter.State.WAITING, channel, limit).size();
    } catch (PgJobsException e) {
      throw unavailable("the events of " + channel, e);
    }
  }

  @Override
  public List<DeadLetter> deadLetters(String channel, int limit) {
    try {
      return list(JobFilter.State.DEAD, channel, this.limit).reversed().stream()
          .limit(limit)
          .map(job -> deadLetter(channel, job))
          .toList();
    } catch (PgJobsException e) {
      throw unavailable("the dead letters of " + channel, e);
    }
  }

  private List<Job> list(JobFilter.State state, String channel, int most) {
    return jobs.list(new JobFilter(state, task(channel), 0, most));
  }

  private DeadLetter deadLetter(String channel, Job job) {
    var id = Long.toString(job.id());
    var attempt = EventJob.read(id, jobs.payload(job.id()).orElse("null"));
    var error = job.lastError();
    return new DeadLetter(
        attempt.id(),
        channel,
        attempt.message(),
        attempt.retried() + 1,
        error == null ? "unknown" : error,
        job.updatedAt());
  }

  @Override
  public void close() {
    // The consumptions have stopped; the connections are the caller's.
  }

  static UnavailableException unavailable(String what, PgJobsException e) {
    return new UnavailableException(
        "PostgreSQL cannot be used for " + what + " (" + e.getMessage() + ")", e);
  }
}
