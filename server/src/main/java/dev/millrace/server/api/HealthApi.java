package dev.millrace.server.api;

import dev.millrace.platform.health.Health;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code GET /healthz}: whether the server can do its work; {@code /ping} only says it is there.
 */
public final class HealthApi {
  private final Health health;
  private final JsonMapper json;

  public HealthApi(Health health, JsonMapper json) {
    this.health = health;
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    routes.get("/healthz", this::check);
  }

  private void check(Context ctx) {
    var problems = health.problems();
    if (problems.isEmpty()) {
      ctx.contentType("text/html; charset=utf-8").result("OK");
      return;
    }
    var body = json.createObjectNode().put("status", "unavailable");
    body.set("problems", json.valueToTree(problems));
    ctx.status(503).contentType("application/json; charset=utf-8").result(body.toString());
  }
}
