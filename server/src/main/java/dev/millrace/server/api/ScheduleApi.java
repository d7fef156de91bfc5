package dev.millrace.server.api;

import dev.millrace.platform.db.UtcColumn;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.schedules.Schedule;
import dev.millrace.platform.schedules.ScheduleStore.LogEntry;
import dev.millrace.platform.schedules.Schedules;
import dev.millrace.server.http.ApiException;
import dev.millrace.server.http.Authentication;
import dev.millrace.server.http.JsonBody;
import dev.millrace.server.http.Query;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code /chatflows/{id}/schedule}: whether a flow runs by itself, and what came of it. */
public final class ScheduleApi {
  private static final int LOGS = 20;
  private static final int MOST_LOGS = 100;

  private final ChatFlowStore flows;
  private final Schedules schedules;
  private final Authentication authentication;
  private final JsonMapper json;

  public ScheduleApi(
      ChatFlowStore flows, Schedules schedules, Authentication authentication, JsonMapper json) {
    this.flows = flows;
    this.schedules = schedules;
    this.authentication = authentication;
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    routes.get("/api/v1/chatflows/{id}/schedule/status", this::status);
    routes.patch("/api/v1/chatflows/{id}/schedule/enabled", this::enable);
    routes.get("/api/v1/chatflows/{id}/schedule/trigger-logs", this::logs);
  }

  private void status(Context ctx) {
    answer(ctx, status(schedules.of(own(ctx)).orElse(null)));
  }

  private void enable(Context ctx) {
    var id = own(ctx);
    var enabled = JsonBody.read(ctx, json).path("enabled");
    if (!enabled.isBoolean()) {
      throw new ApiException(400, "enabled has to be true or false");
    }
    var schedule =
        schedules
            .enable(id, enabled.asBoolean())
            .orElseThrow(() -> new ApiException(404, "Flow " + id + " has no schedule"));
    answer(ctx, status(schedule));
  }

  private void logs(Context ctx) {
    var id = own(ctx);
    var page = Math.max(1, Query.number(ctx, "page", 1));
    var limit = Math.clamp(Query.number(ctx, "limit", LOGS), 1, MOST_LOGS);
    var found = schedules.store().logs(id, page, limit);
    var answer = json.createObjectNode();
    var data = answer.putArray("data");
    found.data().forEach(entry -> data.add(toJson(entry)));
    answer(ctx, answer.put("total", found.total()).put("page", page).put("limit", limit));
  }

  private ObjectNode status(@Nullable Schedule schedule) {
    var answer = json.createObjectNode();
    answer.put("enabled", schedule != null && schedule.enabled());
    answer.put("canEnable", schedule != null);
    if (schedule == null) {
      answer.put("reason", "The flow's Start node has no usable schedule").putNull("record");
      return answer;
    }
    answer
        .putObject("record")
        .put("id", schedule.id())
        .put("triggerType", "AGENTFLOW")
        .put("targetId", schedule.flowId())
        .put("nodeId", schedule.nodeId())
        .put("cronExpression", schedule.cron())
        .put("timezone", schedule.zone())
        .put("enabled", schedule.enabled())
        .put("scheduleInputMode", schedule.inputMode())
        .put("defaultInput", schedule.defaultInput())
        .put("defaultForm", schedule.defaultForm())
        .put("lastRunAt", time(schedule.lastRunAt()))
        .put("nextRunAt", time(schedule.nextRunAt()))
        .put("endDate", time(schedule.endDate()))
        .put("workspaceId", schedule.workspaceId());
    return answer;
  }

  private ObjectNode toJson(LogEntry entry) {
    return json.createObjectNode()
        .put("id", entry.id())
        .put("status", entry.status())
        .put("executionId", entry.executionId())
        .put("error", entry.error())
        .put("elapsedTimeMs", entry.elapsedTimeMs())
        .put("scheduledAt", UtcColumn.json(entry.scheduledAt()))
        .put("createdDate", UtcColumn.json(entry.createdDate()));
  }

  private static @Nullable String time(@Nullable Instant time) {
    return time == null ? null : UtcColumn.json(time);
  }

  private String own(Context ctx) {
    var caller = authentication.require(ctx);
    var id = ctx.pathParam("id");
    return flows
        .find(id)
        .filter(flow -> flow.workspaceId().equals(caller.workspaceId()))
        .map(ChatFlow::id)
        .orElseThrow(() -> new ApiException(404, "Chatflow " + id + " not found in the database!"));
  }

  private static void answer(Context ctx, ObjectNode body) {
    ctx.contentType("application/json; charset=utf-8").result(body.toString());
  }
}
