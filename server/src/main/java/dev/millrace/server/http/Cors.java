package dev.millrace.server.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of other origins may call the API, and which may show it in a frame.
 *
 * <p>Predictions carry rules of their own ({@code chatbotConfig.allowedOrigins}), which {@link
 * dev.millrace.server.api.PredictionApi} enforces; the browser is let through to them.
 */
public final class Cors {
  private final Set<String> origins;
  private final boolean any;
  private final boolean credentials;
  private final String frameAncestors;

  /**
   * @param origins {@code *}, or the origins allowed; empty allows none
   * @param credentials whether cookies may come along; never with {@code *}
   * @param frameOrigins the {@code frame-ancestors} of every page, e.g. {@code 'self'}
   */
  public Cors(Set<String> origins, boolean credentials, String frameOrigins) {
    this.origins =
        origins.stream().map(o -> o.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    this.any = origins.contains("*");
    this.credentials = credentials && !any;
    this.frameAncestors = frameOrigins;
  }

  public void register(RoutesConfig routes) {
    routes.before(this::headers);
    routes.options("/*", ctx -> ctx.status(204));
  }

  private void headers(Context ctx) {
    ctx.header("Vary", "Origin");
    ctx.header("Content-Security-Policy", "frame-ancestors " + frameAncestors);
    if (frameAncestors.equals("'self'")) {
      ctx.header("X-Frame-Options", "SAMEORIGIN");
    } else if (frameAncestors.equals("'none'")) {
      ctx.header("X-Frame-Options", "DENY");
    }
    var origin = ctx.header("Origin");
    if (origin == null || !allows(origin, ctx.path())) {
      return;
    }
    ctx.header("Access-Control-Allow-Origin", any ? "*" : origin);
    if (credentials) {
      ctx.header("Access-Control-Allow-Credentials", "true");
    }
    if (ctx.method().equals(HandlerType.OPTIONS)) {
      ctx.header("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE");
      var wanted = ctx.header("Access-Control-Request-Headers");
      if (wanted != null) {
        ctx.header("Access-Control-Allow-Headers", wanted);
      }
    }
  }

  private boolean allows(@Nullable String origin, String path) {
    if (origin == null || origin.equals("null")) {
      return false;
    }
    return any
        || origins.contains(origin.toLowerCase(Locale.ROOT))
        || path.startsWith("/api/v1/prediction/");
  }
}
