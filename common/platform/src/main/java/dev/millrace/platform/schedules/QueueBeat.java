package dev.millrace.platform.schedules;

import dev.millrace.bullmq.JobOptions;
import dev.millrace.bullmq.KeepJobs;
import dev.millrace.bullmq.NewJob;
import dev.millrace.bullmq.Queue;
import java.time.Clock;
import java.time.Duration;
import tools.jackson.databind.json.JsonMapper;

/**
 * MODE=queue: job schedulers on {@code ${QUEUE_NAME}-schedule}, named and filled as Flowise does,
 * so that its workers and ours take each other's. A scheduler makes one job for each time, whoever
 * set it and however often.
 */
public final class QueueBeat implements ScheduleBeat {
  /** Flowise keeps the finished jobs of schedulers for ever. */
  private static final KeepJobs KEEP = new KeepJobs(1_000L, Duration.ofDays(1).toSeconds(), null);

  private final Queue queue;
  private final Clock clock;
  private final JsonMapper json;

  public QueueBeat(Queue queue, Clock clock, JsonMapper json) {
    this.queue = queue;
    this.clock = clock;
    this.json = json;
  }

  /** Returns the queue's name, e.g. {@code flowise-queue-schedule}. */
  public static String queueName(String queueName) {
    return queueName + "-schedule";
  }

  @Override
  public void set(Schedule schedule) {
    if (schedule.isOver(clock.instant())) {
      remove(schedule.id());
      return;
    }
    var data =
        json.createObjectNode()
            .put("scheduleRecordId", schedule.id())
            .put("targetId", schedule.flowId())
            .put("cronExpression", schedule.cron())
            .put("timezone", schedule.zone())
            .put("defaultInput", schedule.defaultInput())
            .put("workspaceId", schedule.workspaceId())
            .put("scheduledAt", clock.instant().toString());
    var options = JobOptions.builder().removeOnComplete(KEEP).removeOnFail(KEEP).build();
    var name = schedule.jobId();
    queue.schedulers().upsert(name, schedule.repeat(), new NewJob(name, data.toString(), options));
  }

  @Override
  public void remove(String scheduleId) {
    queue.schedulers().remove("schedule:" + scheduleId);
  }

  /** The queue is its owner's to close; schedulers live on in Redis. */
  @Override
  public void close() {}
}
