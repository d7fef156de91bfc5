package dev.millrace.bullmq;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of a job whose attempt failed. */
final class Failure {
  private static final int LONGEST_TRACE = 8192;

  private final WorkerOptions options;

  Failure(WorkerOptions options) {
    this.options = options;
  }

  Finish finish(ActiveJob active, Throwable error) {
    var job = active.job();
    var reason = reason(error);
    var fields = new ArrayList<String>();
    fields.add("failedReason");
    fields.add(reason);
    fields.add("stacktrace");
    fields.add(stacktrace(job, error));
    var delay = active.isDiscarded() ? OptionalLong.empty() : retryDelay(job, error);
    if (delay.isPresent()) {
      return Finish.again(active, delay.getAsLong(), job.options().isLifo(), fields);
    }
    var keep = keep(job.options().removeOnFail(), options.removeOnFail());
    return Finish.failed(active, reason, keep, job.options().attemptsOrZero(), fields);
  }

  static KeepJobs keep(@Nullable KeepJobs ofJob, @Nullable KeepJobs ofWorker) {
    if (ofJob != null) {
      return ofJob;
    }
    return ofWorker != null ? ofWorker : KeepJobs.ALL;
  }

  private OptionalLong retryDelay(Job job, Throwable error) {
    var attempt = job.attemptsMade() + 1;
    var maxStarted = options.maxStartedAttempts();
    if (attempt >= job.options().attemptsOrZero()
        || error instanceof UnrecoverableJobException
        || (maxStarted != null && maxStarted <= job.attemptsStarted())) {
      return OptionalLong.empty();
    }
    var backoff = job.options().backoff();
    if (backoff == null) {
      return OptionalLong.of(0);
    }
    if (backoff.isBuiltIn()) {
      return OptionalLong.of(
          backoff.delayAfter(attempt, () -> ThreadLocalRandom.current().nextDouble()));
    }
    var strategy = options.backoffStrategy();
    if (strategy == null) {
      throw new BullMqException(
          "Unknown backoff strategy %s. If a custom backoff strategy is used, specify it when the"
                  .formatted(backoff.type())
              + " worker is created.");
    }
    var delay = strategy.delay(attempt, backoff.type(), error, job);
    // -1 is Node's way to say that there is no further attempt.
    return delay.orElse(0) < 0 ? OptionalLong.empty() : delay;
  }

  static String reason(Throwable error) {
    var message = error.getMessage();
    return message != null ? message : error.toString();
  }

  private static String stacktrace(Job job, Throwable error) {
    var traces = new ArrayList<>(job.stacktrace());
    traces.add(trace(error));
    var limit = job.options().stackTraceLimit();
    var kept = limit == null ? traces.size() : Math.clamp(limit, 0, traces.size());
    return toJson(traces.subList(traces.size() - kept, traces.size()));
  }

  private static String toJson(List<String> traces) {
    var json = Json.array();
    traces.forEach(json::add);
    return Json.write(json);
  }

  private static String trace(Throwable error) {
    var text = new StringWriter();
    error.printStackTrace(new PrintWriter(text));
    // Dashboards know Node's name for it.
    var trace =
        error instanceof UnrecoverableJobException
            ? text.toString().replaceFirst("^[\\w.$]+", "UnrecoverableError")
            : text.toString();
    return trace.length() <= LONGEST_TRACE ? trace : trace.substring(0, LONGEST_TRACE) + "…";
  }
}
