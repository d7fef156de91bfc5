package dev.millrace.server.dashboard;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The few pages that are our own: no script, one look. */
final class PlainPages {
  private final String path;

  /**
   * @param path where the dashboard is
   */
  PlainPages(String path) {
    this.path = path;
  }

  /**
   * Asks for a key.
   *
   * @param next where to go then, a path in the dashboard
   * @param problem what was wrong with the last one; null if there was none
   */
  String login(String next, @Nullable String problem) {
    var alert = problem == null ? "" : "<p role=\"alert\">" + escape(problem) + "</p>";
    return page(
        "Queues: log in",
        alert
            + """
            <form method="post" action="%s/login">
            <input type="hidden" name="next" value="%s">
            <label for="key">Admin API key</label>
            <input id="key" name="key" type="password" autocomplete="current-password"
              required autofocus>
            <button>Log in</button>
            </form>
            """
                .formatted(path, escape(next)));
  }

  /** Asks whether to log out. */
  String logout(Visitor visitor, String token) {
    return page(
        "Queues: log out",
        """
        <p>You are logged in with %s, %s.</p>
        <form method="post" action="%s/logout">
        <input type="hidden" name="token" value="%s">
        <button>Log out</button>
        </form>
        <p></p><p><a href="%s">Back to the queues</a></p>
        """
            .formatted(
                escape(visitor.name()),
                visitor.mayChange() ? "which may do everything" : "which may only look",
                path,
                escape(token),
                path));
  }

  /** Says why there is no queue. */
  String noQueue() {
    return page(
        "No queue",
        """
        <p>With <code>MODE=main</code> flows run in the server itself, so there is no queue to
        look at.</p>
        <p>To have one, set <code>MODE=queue</code>, and <code>REDIS_URL</code> unless a Redis of
        the server's own will do; start the server again, and at least one worker with
        <code>bin/start-worker</code>.</p>
        """);
  }

  /** Says why there are no pages. */
  String noPages() {
    return page(
        "No pages in this build",
        """
        <p>The dashboard's pages come from npm when the server is built, and this one was built
        where <code>npm</code> was missing. Install Node 20 or newer, run <code>bin/build</code>,
        and start the server again.</p>
        <p>The API behind the pages works without them, e.g.
        <code>curl -H "Authorization: Bearer $KEY" …%s/api/queues</code></p>
        """
            .formatted(path));
  }

  /**
   * Shows the nodes, and again every few seconds.
   *
   * @param rows of the table, as HTML
   * @param warnings for whoever is on call
   */
  String nodes(String rows, List<String> warnings) {
    var alerts =
        warnings.stream()
            .map(warning -> "<p role=\"alert\">" + escape(warning) + "</p>\n")
            .collect(Collectors.joining());
    return page(
        "Nodes",
        """
        %s<div class="wide" tabindex="0" role="region" aria-label="Nodes">
        <table>
        <thead><tr><th>Node</th><th>MODE</th><th>WORKER_MODE</th><th>Serves</th><th>Version</th>\
        <th>Heartbeat</th><th>Load</th></tr></thead>
        <tbody>
        %s</tbody>
        </table>
        </div>
        <p></p><p><a href="%s">Back to the queues</a></p>
        """
            .formatted(alerts, rows, path),
        "<meta http-equiv=\"refresh\" content=\"5\">");
  }

  private static String page(String title, String body) {
    return page(title, body, "");
  }

  private static String page(String title, String body, String head) {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    %s<title>%s</title>
    <style>
    :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
    body { margin: 0; min-height: 100vh; display: grid; place-items: center;
      background: light-dark(#f3f5f8, #151a21); color: light-dark(#1c2430, #d5dbe5); }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%%; font-size: 0.9rem; }
    th, td { padding: 0.4rem 0.75rem 0.4rem 0; text-align: left; vertical-align: top;
      border-bottom: 1px solid light-dark(#dde3ea, #2c3542); }
    main { box-sizing: border-box; width: min(26rem, 100vw - 2rem); padding: 1.75rem;
      border-radius: 0.75rem; background: light-dark(#fff, #1e252f);
      border: 1px solid light-dark(#dde3ea, #2c3542); }
    main:has(table) { width: min(72rem, 100vw - 2rem); }
    h1 { margin: 0 0 0.75rem; font-size: 1.25rem; }
    p { margin: 0 0 1rem; }
    label { display: block; margin-bottom: 0.25rem; font-weight: 600; }
    input, button { box-sizing: border-box; width: 100%%; padding: 0.6rem 0.75rem; font: inherit;
      border-radius: 0.4rem; }
    input { margin-bottom: 1rem; border: 1px solid light-dark(#9aa7b8, #55627a);
      background: transparent; color: inherit; }
    button { border: 0; background: #2463d1; color: #fff; font-weight: 600; cursor: pointer; }
    :focus-visible { outline: 3px solid #7aa7ff; outline-offset: 2px; }
    [role=alert] { color: light-dark(#b3261e, #ff9d94); }
    code { overflow-wrap: anywhere; }
    a { color: light-dark(#2463d1, #8db4ff); }
    </style>
    </head>
    <body><main>
    <h1>%s</h1>
    %s
    </main></body>
    </html>
    """
        .formatted(head, escape(title), escape(title), body);
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
