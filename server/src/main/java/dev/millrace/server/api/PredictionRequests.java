package dev.millrace.server.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.platform.db.RowId;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.prediction.PredictionJob;
import dev.millrace.server.http.ApiException;
import dev.millrace.server.http.Authentication;
import dev.millrace.server.http.JsonBody;
import dev.millrace.server.http.UnauthorizedException;
import io.javalin.http.Context;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Turns a request for a prediction into the job that runs it, or refuses it. Thread-safe. */
public final class PredictionRequests {
  private final ChatFlowStore flows;
  private final Workspaces workspaces;
  private final Authentication authentication;
  private final JsonMapper json;
  // What a job says of its flow is some 50 KB; it is rendered once for each state of the flow.
  private final Cache<ChatFlow, Rendered> rendered = Caffeine.newBuilder().weakKeys().build();

  private record Rendered(String chatflowJson, String orgId) {}

  public PredictionRequests(
      ChatFlowStore flows, Workspaces workspaces, Authentication authentication, JsonMapper json) {
    this.flows = flows;
    this.workspaces = workspaces;
    this.authentication = authentication;
    this.json = json;
  }

  /**
   * Reads {@code POST /prediction/{id}}.
   *
   * @throws ApiException when the flow is unknown, or the page that asks is not allowed to
   * @throws UnauthorizedException when the flow wants a key and the request has not got it
   */
  PredictionJob read(Context ctx) {
    var id = ctx.pathParam("id");
    var row = RowId.parse(id).orElseThrow(() -> new ApiException(400, "Invalid Chatflow ID"));
    var flow =
        flows
            .cached(row.toString())
            .orElseThrow(
                () -> new ApiException(404, "Chatflow " + id + " not found in the database!"));
    authorise(ctx, flow);
    var body = JsonBody.read(ctx, json);
    var events = ctx.queryParam("events");
    if (events != null) {
      body.put("events", events);
    }
    var chatId = chatId(body);
    var known = rendered.get(flow, this::render);
    return new PredictionJob(
        PredictionJob.Ids.random(chatId.isEmpty()),
        body,
        flow.id(),
        known.chatflowJson(),
        chatId.isEmpty() ? UUID.randomUUID().toString() : chatId,
        ctx.scheme() + "://" + ctx.host(),
        false,
        known.orgId(),
        flow.workspaceId(),
        null);
  }

  private void authorise(Context ctx, ChatFlow flow) {
    var origin = ctx.header("Origin");
    if (origin != null && !allowsOrigin(flow, origin)) {
      throw new ApiException(403, "This site is not allowed to access this chatbot");
    }
    var wanted = flow.apikeyid();
    if (wanted != null && !wanted.isEmpty()) {
      var key = authentication.require(ctx);
      if (!key.id().equals(wanted)) {
        throw new UnauthorizedException();
      }
    }
  }

  private boolean allowsOrigin(ChatFlow flow, String origin) {
    var config = flow.chatbotConfig();
    if (config == null || config.isBlank()) {
      return true;
    }
    JsonNode allowed;
    try {
      allowed = json.readTree(config).path("allowedOrigins");
    } catch (JacksonException e) {
      throw new ApiException(500, "The chatbotConfig of flow " + flow.id() + " is no valid JSON");
    }
    var any = true;
    for (var entry : allowed) {
      if (!entry.asString("").isBlank()) {
        any = false;
        if (entry.asString().strip().equalsIgnoreCase(origin)) {
          return true;
        }
      }
    }
    return any;
  }

  private static String chatId(ObjectNode body) {
    var given = body.path("chatId").asString("");
    return given.isEmpty() ? body.path("overrideConfig").path("sessionId").asString("") : given;
  }

  private Rendered render(ChatFlow flow) {
    // The id goes first: a worker looks for it without reading the rest.
    var row = json.createObjectNode().put("id", flow.id());
    row.setAll(flow.toJson());
    row.remove("webhookSecret");
    var workspace =
        workspaces
            .find(flow.workspaceId())
            .orElseThrow(() ->
                new ApiException(
                    500, "Workspace " + flow.workspaceId() + " of flow " + flow.id() + " is gone"));
    return new Rendered(PredictionJob.rowJson(row), workspace.organizationId());
  }
}
