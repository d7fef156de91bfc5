package dev.millrace.server.api;

import io.javalin.config.RoutesConfig;

/** {@code GET /ping} and {@code GET /version}. */
public final class PingApi {
  /** The version of Flowise whose API this is; its clients look at it. */
  static final String API_VERSION = "3.1.4";

  private final String version;

  /**
   * @param version our own
   */
  public PingApi(String version) {
    this.version = version;
  }

  public void register(RoutesConfig routes) {
    routes.get("/api/v1/ping", ctx -> ctx.contentType("text/html; charset=utf-8").result("pong"));
    var body = "{\"version\":\"" + API_VERSION + "\",\"millrace\":\"" + version + "\"}";
    routes.get(
        "/api/v1/version", ctx -> ctx.contentType("application/json; charset=utf-8").result(body));
  }
}
