package dev.millrace.server.api;

import dev.millrace.platform.db.RowId;
import dev.millrace.platform.tasks.Task;
import dev.millrace.platform.tasks.TaskState;
import dev.millrace.platform.tasks.Tasks;
import dev.millrace.server.http.ApiException;
import dev.millrace.server.http.Authentication;
import dev.millrace.server.http.JsonBody;
import dev.millrace.server.http.Query;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /api/v1/tasks}: background tasks of users. A caller sees the tasks that its own API key
 * asked for, and no others.
 */
public final class TaskApi {
  private static final int PAGE_SIZE = 20;
  private static final int LARGEST_PAGE = 100;

  private final Tasks tasks;
  private final Authentication authentication;
  private final TaskStream stream;
  private final JsonMapper json;

  public TaskApi(Tasks tasks, Authentication authentication, JsonMapper json) {
    this.tasks = tasks;
    this.authentication = authentication;
    this.stream = new TaskStream(tasks, json);
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    routes.post("/api/v1/tasks", this::create);
    routes.get("/api/v1/tasks", this::list);
    routes.get("/api/v1/tasks/{id}", ctx -> answer(ctx, TaskJson.of(own(ctx), json)));
    routes.get("/api/v1/tasks/{id}/events", ctx -> stream.send(ctx, own(ctx)));
    routes.get("/api/v1/tasks/{id}/file", this::file);
    routes.post("/api/v1/tasks/{id}/stop", this::stop);
  }

  private void create(Context ctx) {
    var caller = authentication.require(ctx);
    var body = JsonBody.read(ctx, json);
    var type = body.path("type").asString("");
    var params = body.path("params");
    if (type.isEmpty()) {
      throw new ApiException(
          400, "type is missing; known are " + String.join(", ", tasks.types().names()));
    }
    if (!params.isMissingNode() && !params.isObject()) {
      throw new ApiException(400, "params has to be an object");
    }
    var request =
        new Task.Request(
            type,
            body.path("title").asString(type),
            params instanceof ObjectNode object ? object : json.createObjectNode(),
            caller.workspaceId(),
            caller.id(),
            requestId(ctx),
            body.path("cancelable").asBoolean(true));
    try {
      ctx.status(201);
      answer(ctx, TaskJson.of(tasks.create(request), json));
    } catch (IllegalArgumentException e) {
      throw new ApiException(400, String.valueOf(e.getMessage()));
    }
  }

  private void list(Context ctx) {
    var caller = authentication.require(ctx);
    var page = Math.max(1, Query.number(ctx, "page", 1));
    var limit = Math.clamp(Query.number(ctx, "limit", PAGE_SIZE), 1, LARGEST_PAGE);
    var found = tasks.list(caller.id(), page, limit);
    var answer = json.createObjectNode();
    var data = answer.putArray("data");
    found.data().forEach(task -> data.add(TaskJson.of(task, json)));
    answer(ctx, answer.put("total", found.total()));
  }

  private void file(Context ctx) {
    var task = own(ctx);
    if (task.state() != TaskState.SUCCEEDED || !task.hasFile()) {
      throw new ApiException(
          400, "Task " + task.id() + " is " + task.state() + " and has no file to fetch");
    }
    var file = tasks.file(task.id()).orElseThrow(() -> missing(task.id().toString()));
    var name = ctx.queryParam("filename");
    var shown = (name == null ? file.name() : name).replaceAll("[^\\w .()-]", "_");
    ctx.contentType(file.type())
        .header("Content-Disposition", "attachment; filename=\"" + shown + "\"")
        .header("X-Content-Type-Options", "nosniff")
        .result(file.content());
  }

  private void stop(Context ctx) {
    var task = own(ctx);
    if (!task.request().cancelable()) {
      throw new ApiException(400, "Task " + task.id() + " cannot be stopped");
    }
    tasks.cancel(task.id());
    ctx.status(202);
    answer(ctx, TaskJson.of(own(ctx), json));
  }

  private Task own(Context ctx) {
    var caller = authentication.require(ctx);
    var id = ctx.pathParam("id");
    return RowId.parse(id)
        .flatMap(tasks::find)
        .filter(task -> task.request().createdBy().equals(caller.id()))
        .orElseThrow(() -> missing(id));
  }

  private static ApiException missing(String id) {
    return new ApiException(404, "Task " + id + " not found");
  }

  private static String requestId(Context ctx) {
    var given = ctx.header("X-Request-Id");
    return given != null && given.matches("[\\w.-]{1,100}") ? given : UUID.randomUUID().toString();
  }

  private static void answer(Context ctx, JsonNode body) {
    ctx.contentType("application/json; charset=utf-8").result(body.toString());
  }
}
