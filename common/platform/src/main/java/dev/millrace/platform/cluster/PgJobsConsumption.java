package dev.millrace.platform.cluster;

import dev.millrace.cluster.events.EventTransport.Attempt;
import dev.millrace.cluster.events.EventTransport.Consumer;
import dev.millrace.cluster.events.EventTransport.Consumption;
import dev.millrace.cluster.events.EventTransport.StoppedException;
import dev.millrace.cluster.support.Timer;
import dev.millrace.pgjobs.JobRunner;
import dev.millrace.pgjobs.PgJobs;
import dev.millrace.pgjobs.PgJobsException;
import dev.millrace.pgjobs.RunnerOptions;
import dev.millrace.pgjobs.TaskContext;
import dev.millrace.pgjobs.Tasks;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A runner that does the events of a channel; started again later when PostgreSQL is away. */
final class PgJobsConsumption implements Consumption {
  private static final Logger LOG = LoggerFactory.getLogger(PgJobsConsumption.class);
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration RETRY = Duration.ofSeconds(2);

  /** Events have their own time limit; this one is beyond all of them. */
  private static final Duration FOREVER = Duration.ofDays(3_650);

  private final PgJobs jobs;
  private final String channel;
  private final Consumer consumer;
  private @Nullable JobRunner runner;
  private boolean stopped;

  PgJobsConsumption(PgJobs jobs, String channel, Consumer consumer) {
    this.jobs = jobs;
    this.channel = channel;
    this.consumer = consumer;
    start();
  }

  private synchronized void start() {
    if (stopped) {
      return;
    }
    var options =
        RunnerOptions.builder()
            .concurrency(consumer.slots())
            .pollInterval(LOOK)
            .jobTimeout(FOREVER)
            .forbiddenFlags(() -> consumer.isIdle() ? Set.of() : Set.of(PgJobsEventTransport.FLAG))
            .build();
    try {
      runner =
          JobRunner.start(jobs, Tasks.of(PgJobsEventTransport.task(channel), this::run), options);
    } catch (PgJobsException e) {
      LOG.warn("no events of {} can be taken; next try in {}: {}", channel, RETRY, e.toString());
      var _ = Timer.after(RETRY, this::start);
    }
  }

  private void run(TaskContext job) throws Exception {
    var attempt = EventJob.read(Long.toString(job.job().id()), job.payloadText());
    try {
      consumer.handle(attempt);
    } catch (StoppedException e) {
      replace(job, attempt, Duration.ZERO);
    } catch (Exception e) {
      var failures = attempt.retried() + 1;
      if (failures > attempt.options().maxRetries()) {
        throw e;
      }
      LOG.warn("event {} of {} failed and is tried again", attempt.id(), channel, e);
      var next = new Attempt(attempt.id(), attempt.message(), attempt.options(), failures);
      replace(job, next, attempt.options().backoff().after(failures));
    }
  }

  /** Ends a job and adds the one that goes on with it, both or neither. */
  private void replace(TaskContext job, Attempt next, Duration delay) {
    var added = PgJobsEventTransport.job(jobs, channel, next, delay);
    var _ = job.completeWith(transaction -> transaction.addJob(added));
  }

  @Override
  public synchronized void stop() {
    stopped = true;
    var running = runner;
    if (running != null) {
      Thread.ofVirtual().name("events-stop-" + channel).start(() -> running.stop(FOREVER));
    }
  }

  @Override
  public boolean awaitEnd(Duration limit) throws InterruptedException {
    JobRunner running;
    synchronized (this) {
      running = runner;
    }
    if (running == null) {
      return true;
    }
    try {
      running.whenStopped().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      LOG.warn("the events of {} ended with an error", channel, e.getCause());
      return true;
    }
  }
}
