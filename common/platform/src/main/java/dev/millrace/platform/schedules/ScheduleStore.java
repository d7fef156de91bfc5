package dev.millrace.platform.schedules;

import dev.millrace.flows.trigger.ScheduleTrigger;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.Page;
import dev.millrace.platform.db.UtcColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Flowise's tables of schedules and of what came of their runs. Thread-safe. */
public final class ScheduleStore {
  private static final String COLUMNS =
      """
      id::text, "targetId", "nodeId", "cronExpression", timezone, enabled, "scheduleInputMode",
      "defaultInput", "defaultForm", "lastRunAt", "nextRunAt", "endDate", "workspaceId"
      """;

  private final Database database;
  private final InstantSource clock;

  public ScheduleStore(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * What came of one run.
   *
   * @param status {@code RUNNING}, {@code SUCCEEDED}, {@code FAILED} or {@code SKIPPED}
   */
  public record LogEntry(
      String id,
      String status,
      @Nullable String executionId,
      @Nullable String error,
      @Nullable Integer elapsedTimeMs,
      Instant scheduledAt,
      Instant createdDate) {}

  /** Stores the schedule of a flow, in place of the one it has; whether it is enabled stays. */
  Schedule put(String flowId, String workspaceId, ScheduleTrigger trigger) {
    var values = new HashMap<String, @Nullable Object>();
    values.put("flow", flowId);
    values.put("node", trigger.nodeId());
    values.put("cron", trigger.cron());
    values.put("zone", trigger.zone());
    values.put("mode", trigger.inputMode());
    values.put("input", trigger.defaultInput());
    values.put("form", trigger.defaultForm().isEmpty() ? null : trigger.defaultForm());
    values.put("end", trigger.end() == null ? null : UtcColumn.text(trigger.end()));
    values.put("workspace", workspaceId);
    values.put("now", UtcColumn.text(clock.instant()));
    return database.inTransaction(handle -> {
      // Two servers may save the same flow at once; there is no unique key to stop them.
      handle
          .createQuery("SELECT id FROM chat_flow WHERE id = :id FOR UPDATE")
          .bind("id", flowId)
          .mapTo(String.class)
          .findOne();
      var updated =
          handle
              .createUpdate(
                  """
                  UPDATE schedule_record SET "nodeId" = :node, "cronExpression" = :cron,
                      timezone = :zone, "scheduleInputMode" = :mode, "defaultInput" = :input,
                      "defaultForm" = :form, "endDate" = :end, "updatedDate" = :now
                  WHERE "targetId" = :flow
                  """)
              .bindMap(values)
              .execute();
      if (updated == 0) {
        handle
            .createUpdate(
                """
                INSERT INTO schedule_record (id, "triggerType", "targetId", "nodeId",
                    "cronExpression", timezone, enabled, "scheduleInputMode", "defaultInput",
                    "defaultForm", "endDate", "workspaceId", "createdDate", "updatedDate")
                VALUES (gen_random_uuid(), 'AGENTFLOW', :flow, :node, :cron, :zone, true, :mode,
                    :input, :form, :end, :workspace, :now, :now)
                """)
            .bindMap(values)
            .execute();
      }
      return of(handle, flowId).orElseThrow();
    });
  }

  /** Deletes the schedule of a flow and its log; returns its id if there was one. */
  Optional<String> delete(String flowId) {
    return database.inTransaction(handle -> {
      handle
          .createUpdate("DELETE FROM schedule_trigger_log WHERE \"targetId\" = :flow")
          .bind("flow", flowId)
          .execute();
      return handle
          .createQuery("DELETE FROM schedule_record WHERE \"targetId\" = :flow RETURNING id::text")
          .bind("flow", flowId)
          .mapTo(String.class)
          .findFirst();
    });
  }

  /** Returns a schedule by its id. */
  public Optional<Schedule> find(String id) {
    return database.with(handle ->
        handle
            .createQuery("SELECT " + COLUMNS + " FROM schedule_record WHERE id::text = :id")
            .bind("id", id)
            .map((row, context) -> read(row))
            .findOne());
  }

  /** Returns the schedule of a flow. */
  public Optional<Schedule> ofFlow(String flowId) {
    return database.with(handle -> of(handle, flowId));
  }

  /** Returns all schedules that are in force. */
  List<Schedule> enabled() {
    return database.with(handle ->
        handle
            .createQuery("SELECT " + COLUMNS + " FROM schedule_record WHERE enabled ORDER BY id")
            .map((row, context) -> read(row))
            .list());
  }

  void enable(String id, boolean enabled) {
    database.with(handle ->
        handle
            .createUpdate(
                "UPDATE schedule_record SET enabled = :enabled, \"updatedDate\" = :now"
                    + " WHERE id::text = :id")
            .bind("enabled", enabled)
            .bind("now", UtcColumn.text(clock.instant()))
            .bind("id", id)
            .execute());
  }

  /**
   * Takes a run for this process.
   *
   * @return whether it is the first to ask for that time; only one is
   */
  boolean claim(String id, Instant due) {
    return database.with(handle ->
        handle
            .createUpdate(
                """
                UPDATE schedule_record SET "lastRunAt" = :due
                WHERE id::text = :id AND enabled
                  AND ("lastRunAt" IS NULL OR "lastRunAt" < :due::timestamp)
                """)
            .bind("due", UtcColumn.text(due))
            .bind("id", id)
            .execute())
        > 0;
  }

  /** Notes when a schedule ran and when it will again. */
  void ran(String id, Instant due, @Nullable Instant next) {
    var values = new HashMap<String, @Nullable Object>();
    values.put("id", id);
    values.put("due", UtcColumn.text(due));
    values.put("next", next == null ? null : UtcColumn.text(next));
    database.with(handle ->
        handle
            .createUpdate(
                """
                UPDATE schedule_record
                SET "lastRunAt" = greatest("lastRunAt", :due::timestamp),
                    "nextRunAt" = :next::timestamp
                WHERE id::text = :id
                """)
            .bindMap(values)
            .execute());
  }

  /** Writes an entry of the log, or replaces the one that has the id. */
  void log(
      UUID id,
      Schedule schedule,
      String status,
      @Nullable UUID run,
      @Nullable String error,
      @Nullable Long millis,
      Instant due) {
    var values = new HashMap<String, @Nullable Object>();
    values.put("id", id.toString());
    values.put("record", schedule.id());
    values.put("flow", schedule.flowId());
    values.put("run", run == null ? null : run.toString());
    values.put("status", status);
    values.put("error", error);
    values.put("millis", millis == null ? null : Math.min(millis, Integer.MAX_VALUE));
    values.put("due", UtcColumn.text(due));
    values.put("workspace", schedule.workspaceId());
    values.put("now", UtcColumn.text(clock.instant()));
    database.with(handle ->
        handle
            .createUpdate(
                """
                INSERT INTO schedule_trigger_log (id, "scheduleRecordId", "triggerType", "targetId",
                    "executionId", status, error, "elapsedTimeMs", "scheduledAt", "workspaceId",
                    "createdDate")
                VALUES (:id, :record, 'AGENTFLOW', :flow, :run, :status, :error, :millis, :due,
                    :workspace, :now)
                ON CONFLICT (id) DO UPDATE SET status = excluded.status, error = excluded.error,
                    "elapsedTimeMs" = excluded."elapsedTimeMs",
                    "executionId" = excluded."executionId"
                """)
            .bindMap(values)
            .execute());
  }

  /** Returns the log of a flow's schedule, the newest first. */
  public Page<LogEntry> logs(String flowId, int page, int limit) {
    return database.with(handle -> {
      var entries =
          handle
              .createQuery(
                  """
                  SELECT id::text, status, "executionId", error, "elapsedTimeMs", "scheduledAt",
                      "createdDate"
                  FROM schedule_trigger_log WHERE "targetId" = :flow
                  ORDER BY "createdDate" DESC, id LIMIT :limit OFFSET :offset
                  """)
              .bindMap(Map.of("flow", flowId, "limit", limit, "offset", (page - 1L) * limit))
              .map((row, context) -> entry(row))
              .list();
      var total =
          handle
              .createQuery("SELECT count(*) FROM schedule_trigger_log WHERE \"targetId\" = :flow")
              .bind("flow", flowId)
              .mapTo(Long.class)
              .one();
      return new Page<>(entries, total);
    });
  }

  private static Optional<Schedule> of(Handle handle, String flowId) {
    return handle
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM schedule_record WHERE \"targetId\" = :flow ORDER BY \"createdDate\" LIMIT 1")
        .bind("flow", flowId)
        .map((row, context) -> read(row))
        .findOne();
  }

  private static LogEntry entry(ResultSet row) throws SQLException {
    return new LogEntry(
        row.getString("id"),
        row.getString("status"),
        row.getString("executionId"),
        row.getString("error"),
        row.getObject("elapsedTimeMs", Integer.class),
        UtcColumn.read(row, "scheduledAt"),
        UtcColumn.read(row, "createdDate"));
  }

  private static Schedule read(ResultSet row) throws SQLException {
    return new Schedule(
        row.getString("id"),
        row.getString("targetId"),
        row.getString("nodeId"),
        row.getString("cronExpression"),
        row.getString("timezone"),
        row.getBoolean("enabled"),
        row.getString("scheduleInputMode"),
        row.getString("defaultInput"),
        row.getString("defaultForm"),
        UtcColumn.readNullable(row, "lastRunAt"),
        UtcColumn.readNullable(row, "nextRunAt"),
        UtcColumn.readNullable(row, "endDate"),
        row.getString("workspaceId"));
  }
}
