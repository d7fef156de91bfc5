package dev.millrace.server.dashboard;

import io.javalin.http.Context;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Sends bull-board's page and its files, with what they are told and what they are allowed. */
final class BoardPage {
  private static final String TITLE = "Millrace queues";

  private final BoardUi ui;
  private final PlainPages plain;
  private final String policy;
  private final JsonMapper json;

  /**
   * @param frameAncestors whose pages may show this one in a frame
   */
  BoardPage(BoardUi ui, PlainPages plain, String frameAncestors, JsonMapper json) {
    this.ui = ui;
    this.plain = plain;
    this.json = json;
    policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'"
            + " data:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'self';"
            + " form-action 'self'; frame-ancestors "
            + frameAncestors;
  }

  /** Sets what every answer has: no other host, no guessing, no trace in other sites' logs. */
  void headers(Context ctx) {
    ctx.header("Content-Security-Policy", policy);
    ctx.header("X-Content-Type-Options", "nosniff");
    ctx.header("Referrer-Policy", "same-origin");
  }

  void send(Context ctx, Visitor visitor, String path) {
    if (!ui.isThere()) {
      sendHtml(ctx, 503, plain.noPages());
    } else if (!isPage(path)) {
      ctx.redirect(Dashboard.PATH);
    } else {
      sendHtml(ctx, 200, ui.page(Dashboard.PATH + "/", TITLE, config(visitor)));
    }
  }

  static void sendHtml(Context ctx, int status, String html) {
    ctx.status(status).header("Cache-Control", "no-store");
    ctx.contentType("text/html; charset=utf-8").result(html);
  }

  /** The paths that the pages themselves know. */
  private static boolean isPage(String path) {
    return path.equals("/")
        || path.equals("/metrics-history")
        || path.equals("/job-schedulers")
        || path.matches("/queue/[^/]+(/[^/]+)?");
  }

  private ObjectNode config(Visitor visitor) {
    var config = json.createObjectNode().put("boardTitle", TITLE);
    config
        .putObject("favIcon")
        .put("default", "static/images/logo.svg")
        .put("alternative", "static/favicon-32x32.png");
    var links = config.putArray("miscLinks");
    links.addObject().put("text", "Nodes").put("url", Dashboard.PATH + Dashboard.NODES);
    if (visitor.session() != null) {
      links.addObject().put("text", "Log out").put("url", Dashboard.PATH + "/logout");
    }
    // Its documentation is on another host, and about another server.
    config.put("hideDocsLink", true).put("showMetrics", true);
    config.put("hasHistoryProvider", true).put("hasHistoryUsage", true);
    return config.put("canPurgeHistory", visitor.mayChange()).put("hasLatencyHistory", true);
  }

  void sendFile(Context ctx, String path) {
    var accepted = ctx.header("Accept-Encoding");
    var file = ui.file(BoardRouter.decode(path), accepted != null && accepted.contains("gzip"));
    if (file.isEmpty()) {
      ctx.status(404).contentType("text/plain; charset=utf-8").result("No such file");
      return;
    }
    var found = file.get();
    ctx.header("ETag", found.tag()).header("Vary", "Accept-Encoding");
    ctx.header(
        "Cache-Control", found.lasting() ? "public, max-age=31536000, immutable" : "no-cache");
    if (found.tag().equals(ctx.header("If-None-Match"))) {
      ctx.status(304);
      return;
    }
    if (found.zipped()) {
      ctx.header("Content-Encoding", "gzip");
    }
    ctx.contentType(found.type()).result(found.bytes());
  }
}
