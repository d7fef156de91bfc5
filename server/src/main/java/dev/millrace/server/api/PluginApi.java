package dev.millrace.server.api;

import dev.millrace.platform.plugins.PluginRoutes;
import dev.millrace.platform.plugins.Plugins;
import dev.millrace.server.http.ApiException;
import dev.millrace.server.http.Authentication;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.HashMap;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** {@code /api/v1/plugins}: which plugins there are, and what each answers itself. */
public final class PluginApi {
  private static final List<HandlerType> METHODS =
      List.of(
          HandlerType.GET,
          HandlerType.POST,
          HandlerType.PUT,
          HandlerType.PATCH,
          HandlerType.DELETE);

  private final Plugins plugins;
  private final Authentication authentication;
  private final JsonMapper json;

  public PluginApi(Plugins plugins, Authentication authentication, JsonMapper json) {
    this.plugins = plugins;
    this.authentication = authentication;
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    routes.get("/api/v1/plugins", this::list);
    for (var method : METHODS) {
      routes.addHttpHandler(method, "/api/v1/plugins/{plugin}", ctx -> route(ctx, "/"));
      routes.addHttpHandler(
          method,
          "/api/v1/plugins/{plugin}/<path>",
          ctx -> route(ctx, "/" + ctx.pathParam("path")));
    }
  }

  private void list(Context ctx) {
    authentication.require(ctx);
    var answer = json.createObjectNode();
    var loaded = answer.putArray("plugins");
    for (var plugin : plugins.descriptors()) {
      var services =
          loaded
              .addObject()
              .put("name", plugin.name())
              .put("version", plugin.version())
              .putArray("services");
      plugin.services().forEach(services::add);
    }
    var problems = answer.putArray("leftOut");
    plugins
        .problems()
        .forEach(problem ->
            problems.addObject().put("plugin", problem.plugin()).put("reason", problem.message()));
    ctx.contentType("application/json; charset=utf-8").result(answer.toString());
  }

  private void route(Context ctx, String path) throws Exception {
    var plugin = ctx.pathParam("plugin");
    var match =
        plugins
            .route(plugin, ctx.method().name(), path)
            .orElseThrow(() ->
                new ApiException(
                    404, "Plugin " + plugin + " has no route " + ctx.method() + " " + path));
    var workspace =
        match.open()
            ? authentication.caller(ctx).map(key -> key.workspaceId()).orElse(null)
            : authentication.require(ctx).workspaceId();
    var query = new HashMap<String, String>();
    ctx.queryParamMap().forEach((name, values) -> query.put(name, values.getFirst()));
    PluginRoutes.Response answer;
    try {
      answer =
          match
              .handler()
              .handle(
                  new PluginRoutes.Request(
                      ctx.method().name(),
                      path,
                      match.parameters(),
                      query,
                      ctx.bodyAsBytes(),
                      workspace));
    } catch (IllegalArgumentException e) {
      throw new ApiException(400, String.valueOf(e.getMessage()));
    }
    ctx.status(answer.status()).contentType(answer.type()).result(answer.body());
  }
}
