package dev.millrace.bullmq.telemetry;

import dev.millrace.bullmq.Telemetry;
import java.util.Locale;

/** The names that Node's BullMQ gives its metrics and their attributes. */
final class Names {
  static final String DURATION = "bullmq.job.duration";
  static final String QUEUE_JOBS = "bullmq.queue.jobs";
  static final String QUEUE = "bullmq.queue.name";
  static final String JOB = "bullmq.job.name";
  static final String JOB_STATE = "bullmq.job.state";
  static final String QUEUE_STATE = "bullmq.queue.jobs.state";

  private Names() {}

  /** Returns the counter of an outcome. */
  static String counter(Telemetry.Outcome outcome) {
    return "bullmq.jobs." + outcome.name().toLowerCase(Locale.ROOT);
  }

  /** Returns the outcome as an attribute says it. */
  static String state(Telemetry.Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
