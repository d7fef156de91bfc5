package dev.millrace.server.http;

import dev.millrace.platform.db.DatabaseUnavailableException;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.prediction.PredictionException;
import dev.millrace.platform.secrets.CredentialKeyException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Turns exceptions into answers: the one place where a status is chosen for an error. */
public final class ApiErrors {
  private static final Logger LOG = LoggerFactory.getLogger(ApiErrors.class);

  /** What Flowise puts before the message of a failed prediction; clients know it. */
  private static final String PREDICTION_PREFIX = "Error: predictionsServices.buildChatflow - ";

  private static final int TOO_LARGE = 413;

  private final JsonMapper json;

  public ApiErrors(JsonMapper json) {
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    routes.exception(ApiException.class, (e, ctx) -> send(ctx, e.status(), message(e)));
    routes.exception(
        UnauthorizedException.class,
        (e, ctx) -> sendJson(ctx, 401, "{\"error\":\"Unauthorized Access\"}"));
    routes.exception(
        PredictionException.class, (e, ctx) -> send(ctx, status(e), predictionMessage(e)));
    routes.exception(InvalidEntityException.class, (e, ctx) -> send(ctx, 400, message(e)));
    routes.exception(DatabaseUnavailableException.class, (e, ctx) -> send(ctx, 503, message(e)));
    routes.exception(CredentialKeyException.class, (e, ctx) -> send(ctx, 500, message(e)));
    routes.exception(
        HttpResponseException.class,
        (e, ctx) ->
            send(
                ctx,
                e.getStatus(),
                e.getStatus() == TOO_LARGE ? "request entity too large" : message(e)));
    routes.exception(
        Exception.class,
        (e, ctx) -> {
          LOG.error("{} {} failed", ctx.method(), ctx.path(), e);
          send(ctx, 500, "Internal error: " + message(e) + "; the server's log has the details");
        });
    routes.error(
        404,
        "*",
        ctx -> {
          if (!isAnswered(ctx)) {
            send(ctx, 404, "No route " + ctx.method() + " " + ctx.path());
          }
        });
  }

  /** Returns the text by which a client is told that its prediction failed. */
  public static String predictionMessage(PredictionException e) {
    return switch (e.reason()) {
      case FLOW_FAILED, ABORTED -> PREDICTION_PREFIX + message(e);
      case TIMEOUT, UNAVAILABLE -> message(e);
    };
  }

  /** Answers with Flowise's standard error body. */
  public void send(Context ctx, int status, String message) {
    var body =
        json.createObjectNode()
            .put("statusCode", status)
            .put("success", false)
            .put("message", message);
    body.putObject("stack");
    sendJson(ctx, status, body.toString());
  }

  private static void sendJson(Context ctx, int status, String body) {
    ctx.status(status).contentType("application/json; charset=utf-8").result(body);
  }

  private static boolean isAnswered(Context ctx) {
    var type = ctx.res().getContentType();
    return type != null && (type.startsWith("application/json") || type.startsWith("text/html"));
  }

  private static int status(PredictionException e) {
    return switch (e.reason()) {
      case FLOW_FAILED, ABORTED -> 500;
      case TIMEOUT -> 504;
      case UNAVAILABLE -> 503;
    };
  }

  private static String message(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
