package dev.millrace.server.dashboard;

import dev.millrace.server.dashboard.DashboardKeys.Holder;
import dev.millrace.server.http.ClientAddress;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what: programs send their key with each request, people log in and have a cookie. What
 * a cookie allows to change needs a token besides, which pages of others cannot read. Thread-safe.
 */
final class Access {
  static final String COOKIE = "millrace_dashboard";

  /** Where the pages' HTTP client looks for the token, and where it puts it. */
  static final String TOKEN_COOKIE = "XSRF-TOKEN";

  static final String TOKEN_HEADER = "X-XSRF-TOKEN";

  private static final String SCHEME = "Bearer ";

  private final DashboardKeys keys;
  private final Sessions sessions;
  private final LoginLimits limits;
  private final ClientAddress addresses;
  private final String path;

  /**
   * @param path where the dashboard is
   */
  Access(
      DashboardKeys keys,
      Sessions sessions,
      LoginLimits limits,
      ClientAddress addresses,
      String path) {
    this.keys = keys;
    this.sessions = sessions;
    this.limits = limits;
    this.addresses = addresses;
    this.path = path;
  }

  String address(Context ctx) {
    return addresses.of(ctx);
  }

  /**
   * Returns who asks; empty when they have neither a key nor a session.
   *
   * @throws TooManyException when too many wrong keys came from there
   */
  Optional<Visitor> visitor(Context ctx) {
    var header = ctx.header("Authorization");
    if (header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return holder(ctx, header.substring(SCHEME.length()).strip())
          .map(holder -> new Visitor(holder.name(), holder.role(), null));
    }
    return session(ctx)
        .flatMap(session ->
            keys.holder(session, sessions)
                .map(holder -> new Visitor(holder.name(), holder.role(), session.id())));
  }

  /**
   * Returns whether a visitor may change something with this request: a viewer never, a session
   * only with its token.
   */
  boolean hasToken(Context ctx, Visitor visitor) {
    var session = visitor.session();
    if (session == null) {
      return true;
    }
    var token = ctx.header(TOKEN_HEADER);
    return token != null && sessions.isToken(session, token) && isOwnPage(ctx);
  }

  /** Returns whether the token of a form is that of the visitor's session. */
  boolean isToken(Visitor visitor, @Nullable String token) {
    var session = visitor.session();
    return session != null && token != null && sessions.isToken(session, token);
  }

  String token(Visitor visitor) {
    var session = visitor.session();
    return session == null ? "" : sessions.token(session);
  }

  /**
   * Lets somebody in who presents a key, and sets their cookies.
   *
   * @return who; empty when the key is wrong
   * @throws TooManyException when too many wrong keys came from there
   */
  Optional<Visitor> logIn(Context ctx, String key) {
    if (!isOwnPage(ctx)) {
      return Optional.empty();
    }
    var holder = holder(ctx, key);
    if (holder.isEmpty()) {
      return Optional.empty();
    }
    var cookie = sessions.open(holder.get().role(), holder.get().credential());
    var session = sessions.read(cookie).orElseThrow();
    var seconds = (int) Sessions.LIFE.toSeconds();
    ctx.cookie(cookie(ctx, COOKIE, cookie, seconds, true));
    ctx.cookie(cookie(ctx, TOKEN_COOKIE, sessions.token(session.id()), seconds, false));
    return Optional.of(new Visitor(holder.get().name(), holder.get().role(), session.id()));
  }

  void logOut(Context ctx) {
    ctx.cookie(cookie(ctx, COOKIE, "", 0, true));
    ctx.cookie(cookie(ctx, TOKEN_COOKIE, "", 0, false));
  }

  private Cookie cookie(Context ctx, String name, String value, int seconds, boolean hidden) {
    return new Cookie(
        name, value, path, seconds, addresses.isSecure(ctx), hidden, null, SameSite.STRICT);
  }

  private Optional<Sessions.Session> session(Context ctx) {
    var cookie = ctx.cookie(COOKIE);
    return cookie == null ? Optional.empty() : sessions.read(cookie);
  }

  private Optional<Holder> holder(Context ctx, String presented) {
    var client = address(ctx);
    var connection = ctx.req().getRemoteAddr();
    if (limits.isBlocked(client, connection)) {
      throw new TooManyException();
    }
    var holder = keys.holder(presented, sessions);
    if (holder.isEmpty()) {
      limits.failed(client, connection);
    }
    return holder;
  }

  /** Browsers say which page a request that changes something comes from. */
  private static boolean isOwnPage(Context ctx) {
    var site = ctx.header("Sec-Fetch-Site");
    if (site != null) {
      return site.equals("same-origin") || site.equals("none");
    }
    var origin = ctx.header("Origin");
    if (origin == null) {
      return true;
    }
    try {
      return String.valueOf(URI.create(origin).getAuthority()).equalsIgnoreCase(ctx.host());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Too many wrong keys. */
  static final class TooManyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyException() {
      super("too many wrong keys");
    }
  }
}
