package dev.millrace.flows.trigger;

import dev.millrace.flows.expression.Template;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.model.NodeInputs;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Start node of type {@code webhookTrigger} (specification §3.14, §4.1): who may call, what the
 * request has to look like, and how it is answered.
 *
 * @param method the only one that is accepted
 * @param contentType what the body's content type has to begin with
 * @param inputMode what becomes the question
 * @param secured whether requests have to be signed
 * @param secret written into the node, "" when the flow's row has it
 * @param signatureHeader lower case
 * @param signature how requests are signed
 * @param responseMode how requests are answered
 * @param callbackUrl who is told the result of an asynchronous run, "" for nobody
 * @param callbackSecret signs that message, "" for unsigned
 * @param validated whether the parameters below are checked
 */
public record WebhookTrigger(
    String method,
    String contentType,
    InputMode inputMode,
    String defaultInput,
    boolean secured,
    String secret,
    String signatureHeader,
    Signature signature,
    ResponseMode responseMode,
    String callbackUrl,
    String callbackSecret,
    boolean validated,
    List<Param> headers,
    List<Param> query,
    List<Param> body) {
  /** What becomes the question. */
  public enum InputMode {
    TEXT,
    NONE,
    PAYLOAD
  }

  /** How requests are signed. */
  public enum Signature {
    HMAC_SHA256,
    PLAIN_TOKEN
  }

  /** How requests are answered: with the result, with a promise, or with the run's events. */
  public enum ResponseMode {
    SYNC,
    ASYNC,
    STREAM
  }

  /**
   * A parameter that a request may have to carry.
   *
   * @param type of a member of the body: {@code string}, {@code number}, {@code boolean}, {@code
   *     object}, {@code array[string]}, …; "" for any
   */
  public record Param(String name, String type, boolean required) {}

  public WebhookTrigger {
    headers = List.copyOf(headers);
    query = List.copyOf(query);
    body = List.copyOf(body);
  }

  /** Returns what the flow's Start node says; nothing when webhooks do not start the flow. */
  public static Optional<WebhookTrigger> of(Flow flow) {
    return StartInputs.of(flow, "webhookTrigger").map(WebhookTrigger::read);
  }

  /**
   * Returns the question of a request, a blank when it has none, nothing when the whole payload is
   * the input.
   *
   * @param webhook {@code {body, headers, query}}
   */
  public Optional<String> question(JsonNode webhook) {
    return switch (inputMode) {
      case PAYLOAD -> Optional.empty();
      case NONE -> Optional.of(" ");
      case TEXT -> {
        JsonNode text = Template.of(defaultInput).fill(new WebhookScope(webhook));
        yield Optional.of(JsonText.of(text)).filter(t -> !t.isBlank()).or(() -> Optional.of(" "));
      }
    };
  }

  private static WebhookTrigger read(FlowNode node) {
    var inputs = new NodeInputs(node.inputs());
    return new WebhookTrigger(
        or(inputs, "webhookMethod", "POST").toUpperCase(Locale.ROOT),
        or(inputs, "webhookContentType", "application/json").toLowerCase(Locale.ROOT),
        switch (inputs.text("webhookInputMode")) {
          case "none" -> InputMode.NONE;
          case "payload" -> InputMode.PAYLOAD;
          default -> InputMode.TEXT;
        },
        inputs.text("webhookDefaultInput"),
        inputs.flag("webhookEnableAuth"),
        inputs.text("webhookSecret"),
        or(inputs, "webhookSignatureHeader", "x-webhook-signature").toLowerCase(Locale.ROOT),
        inputs.text("webhookSignatureType").equals("plain-token")
            ? Signature.PLAIN_TOKEN
            : Signature.HMAC_SHA256,
        switch (inputs.text("webhookResponseMode")) {
          case "async" -> ResponseMode.ASYNC;
          case "stream" -> ResponseMode.STREAM;
          default -> ResponseMode.SYNC;
        },
        inputs.text("callbackUrl").trim(),
        inputs.text("callbackSecret"),
        inputs.flag("webhookEnableValidation"),
        params(inputs, "webhookHeaderParams"),
        params(inputs, "webhookQueryParams"),
        params(inputs, "webhookBodyParams"));
  }

  private static String or(NodeInputs inputs, String name, String absent) {
    String text = inputs.text(name).trim();
    return text.isEmpty() ? absent : text;
  }

  private static List<Param> params(NodeInputs inputs, String name) {
    return inputs.rows(name).stream()
        .filter(row -> !row.path("name").asString("").isBlank())
        .map(WebhookTrigger::param)
        .toList();
  }

  private static Param param(ObjectNode row) {
    return new Param(
        row.path("name").asString("").trim(),
        row.path("type").asString(""),
        new NodeInputs(row).flag("required"));
  }
}
