package dev.millrace.server.api;

import dev.millrace.platform.health.NodeStatus;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;

/**
 * {@code GET /healthz}: whether the node can do its work, and what that is; {@code GET /metrics};
 * {@code /ping} only says it is there.
 */
public final class HealthApi {
  private final NodeStatus status;

  public HealthApi(NodeStatus status) {
    this.status = status;
  }

  public void register(RoutesConfig routes) {
    routes.get("/healthz", ctx -> send(ctx, status.healthz(ctx.header("Accept"))));
    routes.get("/metrics", ctx -> send(ctx, status.scrape()));
  }

  private void send(Context ctx, NodeStatus.Answer answer) {
    ctx.status(answer.status())
        .contentType(answer.type())
        .header(NodeStatus.SERVES, status.facts().serves())
        .result(answer.body());
  }
}
