package dev.millrace.server.api;

import dev.millrace.flows.engine.FlowEngine;
import dev.millrace.flows.lint.FlowLint;
import dev.millrace.flows.model.FlowFormatException;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.FlowProblem;
import dev.millrace.flows.model.FlowProblem.Code;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.schedules.Schedules;
import dev.millrace.server.http.ApiException;
import dev.millrace.server.http.Authentication;
import dev.millrace.server.http.JsonBody;
import dev.millrace.server.http.Query;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Create, read, update, list and delete flows. */
public final class ChatFlowApi {
  private final ChatFlowStore flows;
  private final FlowEngine engine;
  private final Schedules schedules;
  private final Authentication authentication;
  private final Consumer<String> changed;
  private final JsonMapper json;

  /**
   * @param changed is told the id of a flow that was changed or deleted
   */
  public ChatFlowApi(
      ChatFlowStore flows,
      FlowEngine engine,
      Schedules schedules,
      Authentication authentication,
      Consumer<String> changed,
      JsonMapper json) {
    this.flows = flows;
    this.engine = engine;
    this.schedules = schedules;
    this.authentication = authentication;
    this.changed = changed;
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    routes.post("/api/v1/chatflows", this::create);
    routes.get("/api/v1/chatflows", this::list);
    routes.get("/api/v1/chatflows/{id}", this::read);
    routes.put("/api/v1/chatflows/{id}", this::update);
    routes.delete("/api/v1/chatflows/{id}", this::delete);
  }

  private void create(Context ctx) {
    var caller = authentication.require(ctx);
    var body = JsonBody.read(ctx, json);
    answer(ctx, saved(flows.create(body, caller.workspaceId())));
  }

  private void list(Context ctx) {
    var caller = authentication.require(ctx);
    var page = Query.number(ctx, "page", -1);
    var filter =
        new ChatFlowStore.Filter(
            caller.workspaceId(), ctx.queryParam("type"), page, Query.number(ctx, "limit", -1));
    var found = flows.list(filter);
    var array = json.createArrayNode();
    found.data().forEach(flow -> array.add(flow.toJson()));
    // Flowise's shape: a plain array unless a page was asked for.
    if (page <= 0) {
      answer(ctx, array);
    } else {
      var answer = json.createObjectNode();
      answer.set("data", array);
      answer(ctx, answer.put("total", found.total()));
    }
  }

  private void read(Context ctx) {
    answer(ctx, own(ctx).toJson());
  }

  private void update(Context ctx) {
    var id = own(ctx).id();
    var updated = flows.update(id, JsonBody.read(ctx, json)).orElseThrow(() -> notFound(id));
    changed.accept(id);
    answer(ctx, saved(updated));
  }

  private void delete(Context ctx) {
    var id = own(ctx).id();
    var affected = flows.delete(id);
    schedules.deleted(id);
    changed.accept(id);
    var answer = json.createObjectNode();
    answer.putArray("raw");
    answer(ctx, answer.put("affected", affected));
  }

  /** Returns the flow of the path, if it is the caller's. */
  private ChatFlow own(Context ctx) {
    var caller = authentication.require(ctx);
    var id = ctx.pathParam("id");
    return flows
        .find(id)
        .filter(flow -> flow.workspaceId().equals(caller.workspaceId()))
        .orElseThrow(() -> notFound(id));
  }

  /**
   * Puts the schedule of a flow that was saved in force, and adds what will not work when it runs;
   * it is saved all the same.
   */
  private ObjectNode saved(ChatFlow flow) {
    var answer = flow.toJson();
    if (!flow.type().equals("AGENTFLOW")) {
      schedules.deleted(flow.id());
      return answer;
    }
    var warnings = json.createArrayNode();
    problems(flow).forEach(warnings::add);
    schedules.saved(flow).ifPresent(warnings::add);
    if (!warnings.isEmpty()) {
      answer.set("warnings", warnings);
    }
    return answer;
  }

  private List<String> problems(ChatFlow flow) {
    try {
      var parsed = FlowParser.parse(flow.flowData()).flow();
      return Stream.concat(engine.check(parsed).stream(), FlowLint.lint(parsed).stream())
          .filter(problem -> problem.code() != Code.SCHEDULE) // the schedules say it themselves
          .map(FlowProblem::message)
          .toList();
    } catch (FlowFormatException e) {
      return List.of("The flow cannot be read: " + e.getMessage());
    }
  }

  private static ApiException notFound(String id) {
    return new ApiException(404, "Chatflow " + id + " not found in the database!");
  }

  private static void answer(Context ctx, JsonNode body) {
    ctx.contentType("application/json; charset=utf-8").result(body.toString());
  }
}
