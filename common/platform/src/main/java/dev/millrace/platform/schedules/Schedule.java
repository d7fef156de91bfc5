package dev.millrace.platform.schedules;

import dev.millrace.bullmq.Repeat;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code schedule_record}.
 *
 * @param id a UUID
 * @param flowId the flow to run
 * @param cron five or six fields
 * @param zone IANA
 * @param inputMode what each run is given: a text, a form, or nothing
 * @param lastRunAt when a run was last due that was run, null for never
 * @param nextRunAt when the next one is, null when nobody has looked yet
 * @param endDate no run after it, null for no end
 */
public record Schedule(
    String id,
    String flowId,
    @Nullable String nodeId,
    String cron,
    String zone,
    boolean enabled,
    String inputMode,
    @Nullable String defaultInput,
    @Nullable String defaultForm,
    @Nullable Instant lastRunAt,
    @Nullable Instant nextRunAt,
    @Nullable Instant endDate,
    String workspaceId) {

  /** Returns the id by which Flowise's queue knows it. */
  String jobId() {
    return "schedule:" + id;
  }

  /** Tells whether its end has come. */
  boolean isOver(Instant now) {
    return endDate != null && !now.isBefore(endDate);
  }

  /** Tells whether it has nothing to ask: Flowise ends such schedules. */
  boolean isEmpty() {
    return inputMode.equals("text") && (defaultInput == null || defaultInput.isBlank());
  }

  Repeat repeat() {
    var repeat = Repeat.cron(cron).withTimeZone(zone);
    return endDate == null ? repeat : repeat.withEnd(endDate);
  }
}
