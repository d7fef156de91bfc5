package dev.millrace.platform.schedules;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.EventSink;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.prediction.FlowJobs;
import dev.millrace.platform.prediction.PredictionException;
import dev.millrace.platform.prediction.PredictionJob;
import dev.millrace.platform.prediction.PredictionRunner;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs what schedules ask for, with everything as it is in the database at that moment, and keeps
 * the log. Ids are made of schedule and time, so that a run whose process died goes on where it
 * was. Thread-safe.
 */
public final class ScheduledRuns {
  private static final Logger LOG = LoggerFactory.getLogger(ScheduledRuns.class);

  private final ScheduleStore store;
  private final ChatFlowStore flows;
  private final FlowJobs jobs;
  private final PredictionRunner runner;
  private final Clock clock;
  private final JsonMapper json;

  public ScheduledRuns(
      ScheduleStore store,
      ChatFlowStore flows,
      FlowJobs jobs,
      PredictionRunner runner,
      Clock clock,
      JsonMapper json) {
    this.store = store;
    this.flows = flows;
    this.jobs = jobs;
    this.runner = runner;
    this.clock = clock;
    this.json = json;
  }

  /** Runs a schedule of which several processes may be told, if this one is the first. */
  public void runIfFirst(Schedule schedule, Instant due) {
    try {
      if (store.claim(schedule.id(), due)) {
        run(schedule.id(), due, id -> {}, new Cancellation());
      }
    } catch (PredictionException e) {
      LOG.warn("the scheduled run of flow {} failed: {}", schedule.flowId(), e.getMessage());
    }
  }

  /** Is told the id of a schedule that has to end: there is nothing to run any more. */
  public interface Ended {
    void ended(String scheduleId);
  }

  /**
   * Runs a schedule.
   *
   * @param due for which time
   * @return the answer as JSON; null when there was nothing to run
   * @throws PredictionException when the run failed
   */
  public @Nullable String run(
      String scheduleId, Instant due, Ended ended, Cancellation cancellation) {
    var found = store.find(scheduleId);
    if (found.isEmpty()) {
      ended.ended(scheduleId);
      return null;
    }
    var schedule = found.get();
    var entry = id("log", schedule, due);
    var reason = skipped(schedule);
    if (reason.isPresent()) {
      if (schedule.enabled()) {
        store.enable(scheduleId, false);
      }
      ended.ended(scheduleId);
      store.log(entry, schedule, "SKIPPED", null, reason.get(), null, due);
      return null;
    }
    var flow = flows.find(schedule.flowId()).filter(row -> row.type().equals("AGENTFLOW"));
    if (flow.isEmpty()) {
      store.log(entry, schedule, "FAILED", null, "its flow is gone or no agentflow", null, due);
      return null;
    }
    return run(schedule, flow.get(), due, entry, cancellation);
  }

  private String run(
      Schedule schedule, ChatFlow flow, Instant due, UUID entry, Cancellation cancellation) {
    var run = id("run", schedule, due);
    var ids = new PredictionJob.Ids(run, id("answer", schedule, due), true);
    var chat = id("chat", schedule, due).toString();
    var job = jobs.job(flow, ids, input(schedule), chat, "", "SCHEDULED");
    var began = clock.millis();
    store.log(entry, schedule, "RUNNING", run, null, null, due);
    try {
      // Its id is that of its time, so a worker that died may have begun it.
      var answer = runner.run(job, began, true, EventSink.NONE, cancellation);
      store.log(entry, schedule, "SUCCEEDED", run, null, clock.millis() - began, due);
      store.ran(schedule.id(), due, schedule.repeat().nextAfter(due).orElse(null));
      return answer;
    } catch (PredictionException e) {
      store.log(entry, schedule, "FAILED", run, e.getMessage(), clock.millis() - began, due);
      store.ran(schedule.id(), due, schedule.repeat().nextAfter(due).orElse(null));
      throw e;
    }
  }

  private Optional<String> skipped(Schedule schedule) {
    if (!schedule.enabled()) {
      return Optional.of("the schedule is disabled");
    }
    if (schedule.isOver(clock.instant())) {
      return Optional.of("the schedule's end date has passed");
    }
    return schedule.isEmpty()
        ? Optional.of("the schedule has no input to run the flow with")
        : Optional.empty();
  }

  private ObjectNode input(Schedule schedule) {
    var input = json.createObjectNode();
    switch (schedule.inputMode()) {
      case "form" -> input.set("form", form(schedule.defaultForm()));
      case "none" -> input.put("question", " ");
      default -> input.put("question", schedule.defaultInput());
    }
    return input.put("streaming", false);
  }

  private ObjectNode form(@Nullable String text) {
    try {
      return text != null && json.readTree(text) instanceof ObjectNode object
          ? object
          : json.createObjectNode();
    } catch (JacksonException e) {
      LOG.warn("the form of a schedule is no JSON, so it is empty: {}", e.getOriginalMessage());
      return json.createObjectNode();
    }
  }

  private static UUID id(String what, Schedule schedule, Instant due) {
    var name = what + ":" + schedule.jobId() + ":" + due.toEpochMilli();
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
  }
}
