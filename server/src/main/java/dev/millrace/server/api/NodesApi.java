package dev.millrace.server.api;

import dev.millrace.platform.db.UtcColumn;
import dev.millrace.platform.node.Announcement;
import dev.millrace.platform.node.Consumers;
import dev.millrace.platform.node.LiveNode;
import dev.millrace.server.http.Authentication;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Instant;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code GET /api/v1/nodes}: who is there, what they serve, and what nobody serves. */
public final class NodesApi {
  private final Announcement announcement;
  private final Consumers consumers;
  private final Authentication authentication;
  private final JsonMapper json;

  public NodesApi(Announcement announcement, Authentication authentication, JsonMapper json) {
    this.announcement = announcement;
    this.consumers = announcement.consumers();
    this.authentication = authentication;
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    routes.get("/api/v1/nodes", this::list);
  }

  private void list(Context ctx) {
    authentication.require(ctx);
    var answer = json.createObjectNode();
    var nodes = answer.putArray("nodes");
    announcement.registry().live().forEach(node -> nodes.add(toJson(node)));
    var warnings = answer.putArray("warnings");
    consumers.warnings().forEach(warnings::add);
    ctx.contentType("application/json; charset=utf-8").result(answer.toString());
  }

  private ObjectNode toJson(LiveNode node) {
    var shown = node.facts().toJson(json);
    shown.put("isThis", node.facts().id().equals(announcement.facts().id()));
    shown.put("started", UtcColumn.json(node.started()));
    shown.put("lastHeartbeat", UtcColumn.json(Instant.now().minus(node.silence())));
    shown.put("secondsSilent", node.silence().toMillis() / 1000.0);
    shown.set("load", node.load());
    return shown;
  }
}
