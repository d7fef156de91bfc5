package dev.millrace.server.api;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.HumanAnswer;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.platform.db.RowId;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.prediction.FlowJobs;
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
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns a request for a prediction into the job that runs it, or refuses it. Thread-safe. */
public final class PredictionRequests {
  private final ChatFlowStore flows;
  private final FlowJobs jobs;
  private final Authentication authentication;
  private final JsonMapper json;

  public PredictionRequests(
      ChatFlowStore flows, FlowJobs jobs, Authentication authentication, JsonMapper json) {
    this.flows = flows;
    this.jobs = jobs;
    this.authentication = authentication;
    this.json = json;
  }

  /**
   * Reads {@code POST /prediction/{id}}.
   *
   * @throws ApiException when the flow is unknown, the page that asks is not allowed to, only a
   *     webhook or a schedule can start the flow, or its humanInput is no object
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
    checkAnswer(body.path("humanInput"));
    var refusal = jobs.refusal(flow);
    if (refusal.isPresent() && !body.path("humanInput").isObject()) {
      throw new ApiException(400, refusal.get());
    }
    var events = ctx.queryParam("events");
    if (events != null) {
      body.put("events", events);
    }
    if (RunRequest.isPostProcessed(chatbotConfig(flow))) {
      // What streams has left before it can be changed.
      body.put("streaming", false);
    }
    var chatId = chatId(body);
    return jobs.job(
        flow,
        PredictionJob.Ids.random(chatId.isEmpty()),
        body,
        chatId.isEmpty() ? UUID.randomUUID().toString() : chatId,
        ctx.scheme() + "://" + ctx.host(),
        null);
  }

  private static void checkAnswer(JsonNode humanInput) {
    try {
      HumanAnswer.checkForm(humanInput);
    } catch (FlowException e) {
      throw new ApiException(400, String.valueOf(e.getMessage()));
    }
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
    var any = true;
    for (var entry : chatbotConfig(flow).path("allowedOrigins")) {
      if (!entry.asString("").isBlank()) {
        any = false;
        if (entry.asString().strip().equalsIgnoreCase(origin)) {
          return true;
        }
      }
    }
    return any;
  }

  private JsonNode chatbotConfig(ChatFlow flow) {
    var config = flow.chatbotConfig();
    if (config == null || config.isBlank()) {
      return MissingNode.getInstance();
    }
    try {
      return json.readTree(config);
    } catch (JacksonException e) {
      throw new ApiException(500, "The chatbotConfig of flow " + flow.id() + " is no valid JSON");
    }
  }

  private static String chatId(ObjectNode body) {
    var given = body.path("chatId").asString("");
    return given.isEmpty() ? body.path("overrideConfig").path("sessionId").asString("") : given;
  }
}
