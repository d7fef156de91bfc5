package dev.millrace.platform.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.trigger.ScheduleTrigger;
import dev.millrace.flows.trigger.WebhookCheck;
import dev.millrace.flows.trigger.WebhookRequest;
import dev.millrace.flows.trigger.WebhookTrigger;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run begins with, as whoever starts such a flow on a server would send it: a person, a
 * webhook or a schedule.
 *
 * @param body of the request
 * @param chatType who sends it
 */
record LocalInput(ObjectNode body, String chatType) {
  /**
   * What was said at the terminal, null and empty for nothing.
   *
   * @param form a JSON object
   * @param webhook the body of a request, as its content type has it
   */
  record Given(
      @Nullable String question,
      @Nullable String form,
      @Nullable String webhook,
      Map<String, String> headers,
      Map<String, String> query) {}

  /**
   * Makes it of what was given, of what the case says, and of what the Start node says, in this
   * order.
   */
  static LocalInput of(Flow flow, JsonNode file, Given given) {
    var webhook = WebhookTrigger.of(flow);
    if (webhook.isPresent()) {
      return ofWebhook(webhook.get(), file.path("webhook"), given);
    }
    if (given.webhook() != null) {
      throw new CliException("--webhook suits flows whose Start node is a webhookTrigger");
    }
    var schedule = ScheduleTrigger.of(flow);
    return schedule.isPresent()
        ? new LocalInput(ofSchedule(schedule.get(), file, given), "SCHEDULED")
        : new LocalInput(asked(file, given), "EXTERNAL");
  }

  private static ObjectNode asked(JsonNode file, Given given) {
    if (given.form() != null) {
      return Json.object().set("form", form(given.form(), "--form"));
    }
    if (given.question() == null && file.path("form").isObject()) {
      return Json.object().set("form", file.path("form"));
    }
    var asked = given.question() == null ? file.path("question").asString("") : given.question();
    return Json.object().put("question", asked);
  }

  private static ObjectNode ofSchedule(ScheduleTrigger trigger, JsonNode file, Given given) {
    var own = asked(file, given);
    if (own.has("form") || !own.path("question").asString("").isEmpty()) {
      return own;
    }
    return switch (trigger.inputMode()) {
      case "form" ->
          Json.object()
              .set(
                  "form",
                  trigger.defaultForm().isEmpty()
                      ? Json.object()
                      : form(trigger.defaultForm(), "scheduleFormDefaults"));
      case "none" -> Json.object().put("question", " ");
      default -> Json.object().put("question", trigger.defaultInput());
    };
  }

  private static LocalInput ofWebhook(WebhookTrigger trigger, JsonNode said, Given given) {
    var text = given.webhook() != null ? given.webhook() : JsonText.of(said.path("body"));
    var headers = new HashMap<String, String>();
    if (!text.isEmpty()) {
      headers.put("content-type", trigger.contentType());
    }
    headers(said.path("headers"), headers);
    given.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    var query = new HashMap<String, String>();
    said.path("query").properties().forEach(one -> query.put(one.getKey(), text(one.getValue())));
    query.putAll(given.query());
    var request = new WebhookRequest(trigger.method(), headers, query, text.getBytes(UTF_8));
    var content = request.body();
    // Who calls is beyond doubt here, so nothing has to be signed.
    WebhookCheck.shape(trigger, request, content)
        .ifPresent(refusal -> {
          throw new CliException("the webhook refuses this: " + refusal.message());
        });
    var payload = request.payload(content, trigger.signatureHeader());
    var body = Json.object();
    trigger.question(payload).ifPresent(question -> body.put("question", question));
    body.set("webhook", payload);
    return new LocalInput(body, "WEBHOOK");
  }

  private static void headers(JsonNode given, Map<String, String> headers) {
    given
        .properties()
        .forEach(one -> headers.put(one.getKey().toLowerCase(Locale.ROOT), text(one.getValue())));
  }

  private static String text(JsonNode value) {
    return JsonText.of(value);
  }

  private static ObjectNode form(String text, String what) {
    if (Json.readOrMissing(text) instanceof ObjectNode fields) {
      return fields;
    }
    throw new CliException(what + " has to be a JSON object, not " + text);
  }
}
