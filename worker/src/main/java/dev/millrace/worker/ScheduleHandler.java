package dev.millrace.worker;

import dev.millrace.bullmq.ActiveJob;
import dev.millrace.bullmq.Job;
import dev.millrace.bullmq.Processor;
import dev.millrace.flows.engine.Cancellation;
import dev.millrace.platform.prediction.PredictionRunner;
import dev.millrace.platform.schedules.QueueBeat;
import dev.millrace.platform.schedules.ScheduledRuns;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Runs the jobs that schedules make: only the schedule's id is taken from them. */
final class ScheduleHandler implements Processor {
  private final ScheduledRuns runs;
  private final QueueBeat beat;
  private final JsonMapper json;

  ScheduleHandler(ScheduledRuns runs, QueueBeat beat, JsonMapper json) {
    this.runs = runs;
    this.beat = beat;
    this.json = json;
  }

  @Override
  public @Nullable String process(ActiveJob active) {
    var job = active.job();
    var schedule = json.readTree(job.data()).path("scheduleRecordId").asString("");
    if (schedule.isEmpty()) {
      throw new IllegalArgumentException(
          "job " + job.id() + " names no schedule: scheduleRecordId is missing");
    }
    var cancellation = new Cancellation();
    active.onCancel(() -> cancellation.cancel(PredictionRunner.ABANDONED));
    return runs.run(schedule, due(job), beat::remove, cancellation);
  }

  /** A scheduler's job says in its id for when it is: {@code repeat:<id>:<epochMillis>}. */
  private static Instant due(Job job) {
    var id = job.id();
    var digits = id.substring(id.lastIndexOf(':') + 1);
    return id.startsWith("repeat:") && digits.matches("\\d{10,15}")
        ? Instant.ofEpochMilli(Long.parseLong(digits))
        : Instant.ofEpochMilli(job.timestamp());
  }
}
