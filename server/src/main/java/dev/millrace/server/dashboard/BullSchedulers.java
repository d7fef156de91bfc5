package dev.millrace.server.dashboard;

import dev.millrace.bullmq.Job;
import dev.millrace.bullmq.JobScheduler;
import dev.millrace.bullmq.NewJob;
import dev.millrace.bullmq.NodeJobOptions;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.Repeat;
import dev.millrace.server.dashboard.BullQueue.Parts;
import dev.millrace.server.dashboard.QueueActions.SchedulerTimes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/**
 * The job schedulers of a BullMQ queue. What is said of their runs follows from the ids that BullMQ
 * gives them: {@code repeat:<scheduler>:<time>}.
 */
final class BullSchedulers {
  private final Queue queue;
  private final Parts parts;

  BullSchedulers(Queue queue, Parts parts) {
    this.queue = queue;
    this.parts = parts;
  }

  /** Returns all of them, those that run last first, as Node does. */
  List<ObjectNode> list() {
    var schedulers = queue.schedulers().list(0, -1, false);
    var runs = runs(schedulers);
    return schedulers.stream().map(scheduler -> write(scheduler, runs)).toList();
  }

  /** Returns a scheduler. */
  JobScheduler find(String id) {
    return queue
        .schedulers()
        .get(id)
        .orElseThrow(() -> new BoardError(404, "JOB_SCHEDULER_NOT_FOUND"));
  }

  /** Returns the options of its jobs, without those that belong to a single run. */
  String templateOptions(JobScheduler scheduler) {
    return NodeJobOptions.write(scheduler.optionsJson());
  }

  void update(String id, SchedulerTimes times) {
    var scheduler = find(id);
    var repeat =
        new Repeat(
            times.every(),
            times.pattern(),
            times.zone(),
            times.limit(),
            null,
            times.endDate(),
            null,
            false);
    var data = scheduler.data() == null ? "{}" : scheduler.data();
    var template = new NewJob(scheduler.name(), data, scheduler.options());
    if (queue.schedulers().upsert(id, repeat, template).isEmpty()) {
      throw new IllegalArgumentException("the schedule never comes true");
    }
  }

  /** Returns the scheduler whose next run a job is, so that it must not go without it. */
  Optional<String> waitsFor(String jobId) {
    return madeBy(jobId)
        .flatMap(id -> queue.schedulers().get(id))
        .filter(scheduler -> runId(scheduler, scheduler.next()).equals(jobId))
        .map(JobScheduler::id);
  }

  /** Returns the scheduler that made a job. */
  Optional<String> madeBy(String jobId) {
    return queue.job(jobId).map(Job::repeatJobKey);
  }

  /** Reads the runs that may be mentioned, all of them in one go. */
  private Map<String, Job> runs(List<JobScheduler> schedulers) {
    var ids = new ArrayList<String>();
    for (var scheduler : schedulers) {
      ids.add(runId(scheduler, scheduler.next()));
      var every = scheduler.every();
      if (every != null) {
        ids.add(runId(scheduler, scheduler.next() - every));
      }
    }
    var runs = new HashMap<String, Job>();
    queue.getters().jobs(ids).forEach(job -> runs.put(job.id(), job));
    return runs;
  }

  private ObjectNode write(JobScheduler scheduler, Map<String, Job> runs) {
    var node = parts.json().createObjectNode();
    node.put("id", scheduler.id()).put("name", scheduler.name());
    put(node, "pattern", scheduler.pattern());
    put(node, "every", scheduler.every());
    put(node, "tz", scheduler.timeZone());
    put(node, "limit", scheduler.limit());
    put(node, "startDate", scheduler.startDate());
    put(node, "endDate", scheduler.endDate());
    put(node, "next", scheduler.next());
    put(node, "iterationCount", scheduler.iterationCount());
    template(node, scheduler);
    var pending = runs.get(runId(scheduler, scheduler.next()));
    if (pending != null) {
      node.put("nextRunJobId", pending.id());
      lastRun(node, scheduler, pending, runs);
    }
    return node;
  }

  private void template(ObjectNode node, JobScheduler scheduler) {
    if (scheduler.data() == null && scheduler.optionsJson() == null) {
      return;
    }
    var template = node.putObject("template");
    var data = scheduler.data();
    if (data != null) {
      template.putRawValue("data", new RawValue(parts.redaction().show(data)));
    }
    if (scheduler.optionsJson() != null) {
      template.putRawValue("opts", new RawValue(templateOptions(scheduler)));
    }
  }

  /** The next run is added when one begins: that one's time is when the next was added. */
  private static void lastRun(
      ObjectNode node, JobScheduler scheduler, Job pending, Map<String, Job> runs) {
    var iterations = scheduler.iterationCount();
    if (iterations == null || iterations <= 1) {
      return;
    }
    node.put("lastRun", pending.timestamp());
    var every = scheduler.every();
    var last = every == null ? null : runs.get(runId(scheduler, scheduler.next() - every));
    if (last != null) {
      node.put("lastRunJobId", last.id());
    }
  }

  private static String runId(JobScheduler scheduler, long time) {
    return "repeat:" + scheduler.id() + ":" + time;
  }

  private static void put(ObjectNode node, String name, @Nullable Object value) {
    switch (value) {
      case null -> {}
      case Long number -> {
        if (number != 0) {
          node.put(name, number);
        }
      }
      default -> node.put(name, value.toString());
    }
  }
}
