package dev.millrace.server.dashboard;

import dev.millrace.bullmq.BullMqException;
import dev.millrace.bullmq.JobOperationException;
import dev.millrace.bullmq.RedisUnavailableException;
import dev.millrace.platform.db.DatabaseUnavailableException;
import dev.millrace.server.dashboard.BoardRouter.Match;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Serves the dashboard: its files and pages, and the API that they call. Every request is taken
 * apart here, since names of queues and ids of jobs hold any characters.
 */
public final class Dashboard {
  /** Where it is, for whoever knows Flowise or bull-board. */
  public static final String PATH = "/admin/queues";

  /** Below {@link #PATH}. */
  static final String NODES = "/nodes";

  private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);

  private final Access access;
  private final BoardRouter routes;
  private final BoardPage page;
  private final LoginPages login;
  private final NodePage nodes;
  private final Audit audit = new Audit();
  private final JsonMapper json;

  Dashboard(
      Access access,
      BoardRouter routes,
      BoardPage page,
      LoginPages login,
      NodePage nodes,
      JsonMapper json) {
    this.access = access;
    this.routes = routes;
    this.page = page;
    this.login = login;
    this.nodes = nodes;
    this.json = json;
  }

  /** Adds the dashboard's routes. */
  public void register(RoutesConfig server) {
    for (var path : new String[] {PATH, PATH + "/*"}) {
      server.get(path, this::get);
      server.post(path, this::change);
      server.put(path, this::change);
      server.patch(path, this::change);
    }
  }

  private void get(Context ctx) {
    page.headers(ctx);
    var path = rawPath(ctx);
    if (path.startsWith("/static/")) {
      page.sendFile(ctx, path.substring(1));
    } else if (path.startsWith("/api/")) {
      call(ctx, path);
    } else if (path.equals("/login")) {
      login.show(ctx);
    } else if (path.equals("/logout")) {
      login.confirmLogout(ctx);
    } else if (path.equals(NODES)) {
      login.visitorOrLogin(ctx).ifPresent(_ -> nodes.send(ctx));
    } else {
      login.visitorOrLogin(ctx).ifPresent(visitor -> page.send(ctx, visitor, path));
    }
  }

  private void change(Context ctx) {
    page.headers(ctx);
    var path = rawPath(ctx);
    var isPost = ctx.method().name().equals("POST");
    if (isPost && path.equals("/login")) {
      login.logIn(ctx);
    } else if (isPost && path.equals("/logout")) {
      login.logOut(ctx);
    } else {
      call(ctx, path);
    }
  }

  /** As it was sent, without where the dashboard is. */
  private static String rawPath(Context ctx) {
    var uri = ctx.req().getRequestURI();
    // Where it is may be encoded, too, but nobody who means well does that.
    var path = uri.startsWith(PATH) ? uri.substring(PATH.length()) : "/";
    return path.isEmpty() ? "/" : path;
  }

  private void call(Context ctx, String path) {
    Optional<Match> match = Optional.empty();
    Optional<Visitor> visitor = Optional.empty();
    try {
      visitor = access.visitor(ctx);
      if (visitor.isEmpty()) {
        throw new BoardError(401, "FORBIDDEN")
            .details("Log in at " + PATH + "/login, or send Authorization: Bearer <admin key>");
      }
      match = routes.find(ctx.method().name(), path);
      if (match.isEmpty()) {
        throw new BoardError(404, "FORBIDDEN").details("No route " + ctx.method() + " " + path);
      }
      if (match.get().route().changes()) {
        requireMayChange(ctx, visitor.get());
      }
      var call =
          new BoardCall(
              visitor.get(), match.get().path(), ctx.queryParamMap(), ctx::bodyAsBytes, json);
      var answer = match.get().route().handler().handle(call);
      send(ctx, answer.isEmpty() ? 204 : 200, answer);
    } catch (RuntimeException e) {
      fail(ctx, e);
    } finally {
      if (isWorthALine(ctx)) {
        audit.log(
            visitor.map(Visitor::name).orElse("nobody"),
            access.address(ctx),
            ctx.method() + " " + match.map(found -> found.route().name()).orElse(path),
            match.map(Dashboard::target).orElse(""),
            ctx.statusCode());
      }
    }
  }

  /**
   * All that changes something, and wrong keys; pages that ask on after a session has ended do not.
   */
  private static boolean isWorthALine(Context ctx) {
    return !ctx.method().name().equals("GET")
        || (ctx.statusCode() == 401 && ctx.header("Authorization") != null)
        || ctx.statusCode() == 429;
  }

  private static String target(Match match) {
    var text = new StringBuilder();
    for (var name : new String[] {"queue", "id", "status"}) {
      var value = match.path().get(name);
      if (value != null) {
        text.append(text.isEmpty() ? "" : " ").append(name).append('=').append(value);
      }
    }
    return text.toString();
  }

  private void requireMayChange(Context ctx, Visitor visitor) {
    if (!visitor.mayChange()) {
      throw Board.readOnly();
    }
    if (!access.hasToken(ctx, visitor)) {
      throw new BoardError(403, "FORBIDDEN")
          .details("The request lacks the token of its session: load the page again");
    }
  }

  private void fail(Context ctx, RuntimeException e) {
    var error =
        switch (e) {
          case BoardError known -> known;
          case Access.TooManyException _ ->
              new BoardError(429, "FORBIDDEN").details("Too many wrong keys: try again later");
          case RedisUnavailableException _ ->
              new BoardError(503, "REDIS_UNAVAILABLE").details(e.getMessage());
          case JobOperationException.Missing _ -> BoardError.jobNotFound();
          case JobOperationException _ ->
              new BoardError(409, "INTERNAL_SERVER_ERROR").details(e.getMessage());
          case DatabaseUnavailableException _ ->
              new BoardError(503, "INTERNAL_SERVER_ERROR").details(e.getMessage());
          case IllegalArgumentException _ ->
              BoardError.invalid("INVALID_REQUEST_BODY").details(e.getMessage());
          default -> new BoardError(500, "INTERNAL_SERVER_ERROR").details(e.getMessage());
        };
    if (error.status() == 500 || (e instanceof BullMqException && error.status() > 500)) {
      LOG.warn("{} {} failed", ctx.method(), ctx.path(), e);
    }
    if (error.status() == 429) {
      ctx.header("Retry-After", Long.toString(LoginLimits.WINDOW.toSeconds()));
    }
    send(ctx, error.status(), error.toJson(json));
  }

  private static void send(Context ctx, int status, String body) {
    ctx.status(status);
    if (status != 204) {
      ctx.header("Cache-Control", "no-store");
      ctx.contentType("application/json; charset=utf-8").result(body);
    }
  }
}
