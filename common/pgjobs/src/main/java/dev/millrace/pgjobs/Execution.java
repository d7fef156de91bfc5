package dev.millrace.pgjobs;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs a job's task, and makes an outcome of whatever becomes of it. */
final class Execution {
  private final PgJobs jobs;
  private final Tasks tasks;
  private final Duration timeout;
  private final Payloads payloads;
  private final RunnerEvents events;
  private final Consumer<Outcome> finish;
  private final Consumer<ActiveJob> onCompletedByTask;

  Execution(
      PgJobs jobs,
      Tasks tasks,
      RunnerOptions options,
      RunnerEvents events,
      Consumer<Outcome> finish,
      Consumer<ActiveJob> onCompletedByTask) {
    this.jobs = jobs;
    this.tasks = tasks;
    this.timeout = options.jobTimeout();
    this.payloads = new Payloads(jobs.database(), jobs.sql(), options.payloadBudget());
    this.events = events;
    this.finish = finish;
    this.onCompletedByTask = onCompletedByTask;
  }

  /** Returns how long a job may take. */
  Duration timeoutOf(ActiveJob job) {
    var entry = tasks.find(job.job().task());
    return entry == null || entry.timeout() == null ? timeout : entry.timeout();
  }

  /** Runs a job on this thread. */
  void run(ActiveJob job) {
    job.begin();
    @Nullable Throwable error = null;
    try {
      events.started(job.job());
      attempt(job);
    } catch (Throwable e) {
      // An Error too: the thread is the job's alone, and the runner goes on.
      error = e;
    } finally {
      job.end();
    }
    if (!job.settle()) {
      return;
    }
    if (job.isCompletedByTask()) {
      if (error != null) {
        events.error("job %d failed after it was completed".formatted(job.id()), error);
      }
      onCompletedByTask.accept(job);
    } else {
      finish.accept(error == null ? new Outcome.Completed(job) : failed(job, error));
    }
  }

  private void attempt(ActiveJob job) throws Exception {
    var entry = tasks.find(job.job().task());
    if (entry == null) {
      throw new IllegalStateException("there is no task " + job.job().task());
    }
    if (job.signal().isAborted()) {
      throw new IllegalStateException("it was told to end before it began");
    }
    try (var payload = payloads.of(job, timeoutOf(job))) {
      entry.task().run(new RunningTask(jobs, job, payload.text()));
    }
  }

  private static Outcome.Failed failed(ActiveJob job, Throwable error) {
    var reason =
        job.signal()
            .reason()
            .map(why -> why + ": " + ErrorText.of(error))
            .orElse(ErrorText.of(error));
    var payload = error instanceof BatchRun.PartialFailure partial ? partial.remainder() : null;
    var isForGood = error instanceof PermanentFailureException;
    return new Outcome.Failed(job, ErrorText.clip(reason), payload, isForGood);
  }
}
