package dev.millrace.flows.trigger;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.NodeInputs;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Start node of type {@code scheduleInput} (specification §3.14, §4.1): when the flow runs by
 * itself, and with what.
 *
 * @param nodeId the Start node
 * @param cron five or six fields; not checked here, that is for who computes with it
 * @param zone IANA
 * @param end no run after it, null for no end
 * @param inputMode what each run is given: a text, a form, or nothing
 * @param defaultInput the question of each run, "" for none
 * @param defaultForm the form of each run as JSON text, "" for none
 */
public record ScheduleTrigger(
    String nodeId,
    String cron,
    String zone,
    @Nullable Instant end,
    String inputMode,
    String defaultInput,
    String defaultForm) {

  /**
   * Returns what the flow's Start node says; nothing when the flow does not run by itself.
   *
   * @throws FlowException when what it says makes no schedule; the message names the input
   */
  public static Optional<ScheduleTrigger> of(Flow flow) {
    return StartInputs.of(flow, "scheduleInput").map(ScheduleTrigger::read);
  }

  private static ScheduleTrigger read(FlowNode node) {
    var inputs = new NodeInputs(node.inputs());
    String zone = inputs.text("scheduleTimezone").trim();
    zone = zone.isEmpty() ? "UTC" : zone;
    String mode = inputs.text("scheduleInputMode");
    return new ScheduleTrigger(
        node.id(),
        VisualSchedule.cron(node, inputs),
        zone,
        end(node, inputs.text("scheduleEndDate").trim(), zone),
        mode.isEmpty() ? "text" : mode,
        inputs.text("scheduleDefaultInput"),
        Json.isFalsy(inputs.raw("scheduleFormDefaults"))
            ? ""
            : inputs.text("scheduleFormDefaults"));
  }

  /** A day ends when it is over where the schedule lives. */
  private static @Nullable Instant end(FlowNode node, String text, String zone) {
    if (text.isEmpty()) {
      return null;
    }
    try {
      var place = ZoneId.of(zone);
      if (text.length() == "yyyy-MM-dd".length()) {
        return LocalDate.parse(text).plusDays(1).atStartOfDay(place).toInstant().minusMillis(1);
      }
      return text.endsWith("Z") || text.matches(".*[+-]\\d\\d:\\d\\d$")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).atZone(place).toInstant();
    } catch (DateTimeException e) {
      throw new FlowException(
          "Start node "
              + node.title()
              + " has the scheduleEndDate \""
              + text
              + "\" in the time zone \""
              + zone
              + "\", which is no date: enter one as 2026-12-31.",
          e);
    }
  }
}
