package dev.millrace.server.api;

import dev.millrace.platform.runs.ExecutionStore;
import dev.millrace.server.http.ApiException;
import dev.millrace.server.http.Authentication;
import dev.millrace.server.http.Query;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lists and reads executions. */
public final class ExecutionApi {
  private static final int PAGE_SIZE = 12;

  private final ExecutionStore executions;
  private final Authentication authentication;
  private final JsonMapper json;

  public ExecutionApi(ExecutionStore executions, Authentication authentication, JsonMapper json) {
    this.executions = executions;
    this.authentication = authentication;
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    routes.get("/api/v1/executions", this::list);
    routes.get("/api/v1/executions/{id}", this::read);
  }

  private void list(Context ctx) {
    var caller = authentication.require(ctx);
    var found =
        executions.list(
            new ExecutionStore.Filter(
                caller.workspaceId(),
                ctx.queryParam("agentflowId"),
                ctx.queryParam("sessionId"),
                ctx.queryParam("state"),
                Query.number(ctx, "page", 1),
                Query.number(ctx, "limit", PAGE_SIZE)));
    var answer = json.createObjectNode();
    found.data().forEach(answer.putArray("data")::add);
    answer(ctx, answer.put("total", found.total()));
  }

  private void read(Context ctx) {
    var caller = authentication.require(ctx);
    var id = ctx.pathParam("id");
    answer(
        ctx,
        executions
            .find(id, caller.workspaceId())
            .orElseThrow(() -> new ApiException(404, "Execution " + id + " not found")));
  }

  private static void answer(Context ctx, JsonNode body) {
    ctx.contentType("application/json; charset=utf-8").result(body.toString());
  }
}
