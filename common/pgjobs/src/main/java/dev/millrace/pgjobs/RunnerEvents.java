package dev.millrace.pgjobs;

import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log and the runner's listener what happens. */
final class RunnerEvents {
  private static final Logger log = LoggerFactory.getLogger(JobRunner.class);

  private final RunnerListener listener;

  RunnerEvents(RunnerListener listener) {
    this.listener = listener;
  }

  void started(Job job) {
    tell(l -> l.started(job));
  }

  void completed(Job job, long nanos) {
    log.atDebug().log(
        () -> "Completed job %d (%s) in %d ms".formatted(job.id(), job.task(), nanos / 1_000_000));
    tell(l -> l.completed(job, Duration.ofNanos(nanos)));
  }

  void failed(Job job, String reason, boolean willRetry) {
    log.warn(
        "Failed job {} ({}), attempt {} of {}{}: {}",
        job.id(),
        job.task(),
        job.attempts(),
        job.maxAttempts(),
        willRetry ? "" : ", for good",
        reason);
    tell(l -> l.failed(job, reason, willRetry));
  }

  void lockLost(Job job) {
    log.warn(
        "Job {} ({}) ended, but somebody had freed its lock: another worker may do it again",
        job.id(),
        job.task());
    tell(l -> l.lockLost(job));
  }

  void fetched(int jobs, long nanos) {
    tell(l -> l.fetched(jobs, Duration.ofNanos(nanos)));
  }

  void recovered(int jobs, String from) {
    log.warn("Freed {} jobs of {}", jobs, from);
    tell(l -> l.recovered(jobs));
  }

  void error(String what, Throwable error) {
    log.warn("{}: {}", what, error.toString());
    log.debug("Details", error);
    tell(l -> l.error(what, error));
  }

  private void tell(Consumer<RunnerListener> event) {
    try {
      event.accept(listener);
    } catch (RuntimeException e) {
      log.warn("A runner's listener failed", e);
    }
  }
}
