package dev.millrace.platform.schedules;

import dev.millrace.bullmq.Repeat;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.trigger.ScheduleTrigger;
import dev.millrace.platform.flows.ChatFlow;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the schedules in step with the flows: what a Start node of type {@code scheduleInput} says
 * is in force from the moment the flow is saved until it is saved otherwise or deleted.
 * Thread-safe.
 */
public final class Schedules {
  private static final Logger LOG = LoggerFactory.getLogger(Schedules.class);

  /** How many runs are looked at to find two that are too close. */
  private static final int LOOKED_AT = 100;

  private final ScheduleStore store;
  private final ScheduleBeat beat;
  private final Duration shortest;
  private final Clock clock;

  /**
   * @param shortest the least that may lie between two runs (MIN_SCHEDULE_INTERVAL_SECONDS)
   */
  public Schedules(ScheduleStore store, ScheduleBeat beat, Duration shortest, Clock clock) {
    this.store = store;
    this.beat = beat;
    this.shortest = shortest;
    this.clock = clock;
  }

  /** Puts every schedule in force that is enabled; to be called when a process starts. */
  public void start() {
    for (var schedule : store.enabled()) {
      try {
        beat.set(schedule);
      } catch (IllegalArgumentException e) {
        LOG.warn("schedule {} of flow {} is not in force", schedule.id(), schedule.flowId(), e);
      }
    }
  }

  /**
   * A flow was saved.
   *
   * @return why its schedule is not in force; nothing when it is, or it has none
   */
  public Optional<String> saved(ChatFlow flow) {
    Optional<ScheduleTrigger> trigger;
    try {
      trigger =
          flow.type().equals("AGENTFLOW")
              ? ScheduleTrigger.of(FlowParser.parse(flow.flowData()).flow())
              : Optional.empty();
      trigger.ifPresent(this::check);
    } catch (FlowException | dev.millrace.flows.model.FlowFormatException e) {
      deleted(flow.id());
      return Optional.of("The flow will not run by itself: " + e.getMessage());
    }
    if (trigger.isEmpty()) {
      deleted(flow.id());
      return Optional.empty();
    }
    apply(store.put(flow.id(), flow.workspaceId(), trigger.get()));
    return Optional.empty();
  }

  /** A flow was deleted, or has no schedule any more. */
  public void deleted(String flowId) {
    store.delete(flowId).ifPresent(beat::remove);
  }

  /** Returns the schedule of a flow. */
  public Optional<Schedule> of(String flowId) {
    return store.ofFlow(flowId);
  }

  public ScheduleStore store() {
    return store;
  }

  /** Puts the schedule of a flow in force or out of it; nothing when it has none. */
  public Optional<Schedule> enable(String flowId, boolean enabled) {
    var found = store.ofFlow(flowId);
    found.ifPresent(schedule -> {
      store.enable(schedule.id(), enabled);
      store.find(schedule.id()).ifPresent(this::apply);
    });
    return store.ofFlow(flowId);
  }

  private void apply(Schedule schedule) {
    if (schedule.enabled() && !schedule.isEmpty()) {
      beat.set(schedule);
    } else {
      beat.remove(schedule.id());
    }
  }

  /** Refuses what makes no schedule: an expression, a zone, or runs too close to each other. */
  private void check(ScheduleTrigger trigger) {
    Repeat repeat;
    try {
      repeat = Repeat.cron(trigger.cron()).withTimeZone(trigger.zone());
    } catch (IllegalArgumentException e) {
      throw new FlowException(
          "the schedule \""
              + trigger.cron()
              + "\" in time zone \""
              + trigger.zone()
              + "\" cannot be understood: "
              + e.getMessage(),
          e);
    }
    Instant before = null;
    Instant at = clock.instant();
    for (var i = 0; i < LOOKED_AT; i++) {
      var next = repeat.nextAfter(at);
      if (next.isEmpty()) {
        return;
      }
      at = next.get();
      if (before != null && Duration.between(before, at).compareTo(shortest) < 0) {
        throw new FlowException(
            "the schedule \""
                + trigger.cron()
                + "\" has runs closer to each other than "
                + shortest.toSeconds()
                + " s, which MIN_SCHEDULE_INTERVAL_SECONDS forbids");
      }
      before = at;
    }
  }
}
