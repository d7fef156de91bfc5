package dev.millrace.bullmq;

import org.jspecify.annotations.Nullable;

/** What happens to a job between being taken and being processed. */
final class JobStart {
  private final SchedulerChain chain;
  private final @Nullable Integer maxStarted;
  private final WorkerEvents events;

  /**
   * @param maxStarted how many attempts may begin, or null
   */
  JobStart(SchedulerChain chain, @Nullable Integer maxStarted, WorkerEvents events) {
    this.chain = chain;
    this.maxStarted = maxStarted;
    this.events = events;
  }

  /** Returns why the job must fail without being processed; null if it may be. */
  @Nullable String begin(ActiveJob active) {
    var job = active.job();
    chain.follow(job);
    events.tell(listener -> listener.active(job));
    if (job.deferredFailure() != null) {
      return job.deferredFailure();
    }
    return maxStarted != null && maxStarted < job.attemptsStarted()
        ? "job started more than allowable limit"
        : null;
  }
}
