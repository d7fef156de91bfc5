package dev.millrace.server.api;

import dev.millrace.flows.model.FlowFormatException;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.trigger.WebhookCheck;
import dev.millrace.flows.trigger.WebhookCheck.Refusal;
import dev.millrace.flows.trigger.WebhookRequest;
import dev.millrace.flows.trigger.WebhookTrigger;
import dev.millrace.platform.db.RowId;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.flows.WebhookSecrets;
import dev.millrace.platform.prediction.FlowJobs;
import dev.millrace.platform.prediction.PredictionJob;
import dev.millrace.server.http.ApiException;
import dev.millrace.server.http.Authentication;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.HashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code ANY /webhook/{id}}: starts a flow whose Start node waits for one, and answers as that says
 * (specification of the server §4.4); and the secret by which such requests are signed.
 */
public final class WebhookApi {
  private final ChatFlowStore flows;
  private final WebhookSecrets secrets;
  private final FlowJobs jobs;
  private final PredictionApi predictions;
  private final WebhookCallbacks callbacks;
  private final Authentication authentication;
  private final JsonMapper json;

  public WebhookApi(
      ChatFlowStore flows,
      WebhookSecrets secrets,
      FlowJobs jobs,
      PredictionApi predictions,
      WebhookCallbacks callbacks,
      Authentication authentication,
      JsonMapper json) {
    this.flows = flows;
    this.secrets = secrets;
    this.jobs = jobs;
    this.predictions = predictions;
    this.callbacks = callbacks;
    this.authentication = authentication;
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    var path = "/api/v1/webhook/{id}";
    routes.get(path, this::receive);
    routes.post(path, this::receive);
    routes.put(path, this::receive);
    routes.patch(path, this::receive);
    routes.delete(path, this::receive);
    routes.post("/api/v1/chatflows/{id}/webhook-secret", this::createSecret);
    routes.delete("/api/v1/chatflows/{id}/webhook-secret", this::deleteSecret);
  }

  private void receive(Context ctx) throws Exception {
    var flow =
        RowId.parse(ctx.pathParam("id"))
            .flatMap(id -> flows.cached(id.toString()))
            .orElseThrow(WebhookApi::notFound);
    var trigger = trigger(flow).orElseThrow(WebhookApi::notFound);
    var request = request(ctx);
    check(WebhookCheck.signature(trigger, request, secret(flow, trigger)));
    var body = request.body();
    var resumes = body.path("humanInput").isObject();
    if (!resumes) {
      check(WebhookCheck.shape(trigger, request, body));
    }
    var job = job(ctx, flow, trigger, request, body, resumes);
    switch (trigger.responseMode()) {
      case SYNC -> predictions.answer(ctx, job);
      case STREAM -> predictions.stream(ctx, job);
      case ASYNC -> {
        callbacks.start(trigger, job, () -> predictions.result(job));
        var answer =
            json.createObjectNode().put("chatId", job.chatId()).put("status", "PROCESSING");
        ctx.status(202).contentType("application/json; charset=utf-8").result(answer.toString());
      }
    }
  }

  private PredictionJob job(
      Context ctx,
      ChatFlow flow,
      WebhookTrigger trigger,
      WebhookRequest request,
      JsonNode body,
      boolean resumes) {
    var input = json.createObjectNode();
    var webhook = request.payload(body, trigger.signatureHeader());
    if (resumes) {
      input.set("humanInput", body.path("humanInput"));
    } else {
      trigger.question(webhook).ifPresent(question -> input.put("question", question));
    }
    input.set("webhook", webhook);
    if (trigger.responseMode() == WebhookTrigger.ResponseMode.STREAM) {
      input.put("streaming", true);
    }
    var session = text(body, "sessionId");
    if (!session.isEmpty()) {
      input.putObject("overrideConfig").put("sessionId", session);
    }
    var given = text(body, "chatId");
    var chatId = given.isEmpty() ? session : given;
    return jobs.job(
        flow,
        PredictionJob.Ids.random(chatId.isEmpty()),
        input,
        chatId.isEmpty() ? UUID.randomUUID().toString() : chatId,
        ctx.scheme() + "://" + ctx.host(),
        "WEBHOOK");
  }

  private static String text(JsonNode body, String member) {
    var value = body.path(member);
    return value.isString() ? value.asString() : "";
  }

  private static WebhookRequest request(Context ctx) {
    var headers = new HashMap<String, String>();
    ctx.headerMap().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    var query = new HashMap<String, String>();
    ctx.queryParamMap().forEach((name, values) -> query.put(name, values.getFirst()));
    return new WebhookRequest(ctx.method().name(), headers, query, ctx.bodyAsBytes());
  }

  private static Optional<WebhookTrigger> trigger(ChatFlow flow) {
    if (!flow.type().equals("AGENTFLOW")) {
      return Optional.empty();
    }
    try {
      return WebhookTrigger.of(FlowParser.parse(flow.flowData()).flow());
    } catch (FlowFormatException e) {
      throw new ApiException(500, "The flow cannot be read: " + e.getMessage());
    }
  }

  private String secret(ChatFlow flow, WebhookTrigger trigger) {
    return trigger.secured() ? secrets.find(flow.id()).orElse(trigger.secret()) : "";
  }

  private static void check(Optional<Refusal> refusal) {
    refusal.ifPresent(why -> {
      throw new ApiException(why.status(), why.message());
    });
  }

  private void createSecret(Context ctx) {
    var secret = secrets.create(own(ctx));
    var answer = json.createObjectNode().put("webhookSecret", secret);
    ctx.contentType("application/json; charset=utf-8").result(answer.toString());
  }

  private void deleteSecret(Context ctx) {
    secrets.delete(own(ctx));
    ctx.status(204);
  }

  private String own(Context ctx) {
    var caller = authentication.require(ctx);
    var id = ctx.pathParam("id");
    return flows
        .find(id)
        .filter(flow -> flow.workspaceId().equals(caller.workspaceId()))
        .map(ChatFlow::id)
        .orElseThrow(() -> new ApiException(404, "Chatflow " + id + " not found in the database!"));
  }

  private static ApiException notFound() {
    return new ApiException(404, "There is no flow here that waits for a webhook.");
  }
}
