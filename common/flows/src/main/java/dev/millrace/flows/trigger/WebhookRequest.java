package dev.millrace.flows.trigger;

import dev.millrace.flows.model.Json;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request to a webhook as it came.
 *
 * @param headers by name in lower case
 * @param query the first value of each parameter
 * @param raw the body, byte by byte, as signatures are over it
 */
public record WebhookRequest(
    String method, Map<String, String> headers, Map<String, String> query, byte[] raw) {
  /** Their values are not for the flow: it keeps and shows what it is given. */
  private static final Set<String> SENSITIVE =
      Set.of("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key");

  public WebhookRequest {
    headers = Map.copyOf(headers);
    query = Map.copyOf(query);
  }

  /** Returns the media type, lower case, without parameters; "" when there is none. */
  public String contentType() {
    String type = headers.getOrDefault("content-type", "");
    int semicolon = type.indexOf(';');
    return (semicolon < 0 ? type : type.substring(0, semicolon)).trim().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the body as JSON: of a form its fields, where the field {@code payload} alone holds
   * JSON (as GitHub and Slack send it) what is in it; an empty object for an empty body; text for
   * what is neither.
   */
  public JsonNode body() {
    String text = new String(raw, StandardCharsets.UTF_8);
    if (text.isBlank()) {
      return Json.object();
    }
    if (contentType().equals("application/x-www-form-urlencoded")) {
      ObjectNode fields = fields(text);
      JsonNode payload = Json.readOrMissing(fields.path("payload").asString(""));
      return payload.isContainer() ? payload : fields;
    }
    JsonNode json = Json.readOrMissing(text);
    return json.isMissingNode() ? Json.text(text) : json;
  }

  /**
   * Returns what the flow sees as {@code $webhook}: body, headers and query, secrets blanked.
   *
   * @param signatureHeader lower case; it is a secret too
   */
  public ObjectNode payload(JsonNode body, String signatureHeader) {
    var shown = Json.object();
    headers.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(header -> {
          String name = header.getKey();
          boolean secret = SENSITIVE.contains(name) || name.equals(signatureHeader);
          shown.put(name, secret ? "[REDACTED]" : header.getValue());
        });
    var parameters = Json.object();
    query.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(parameter -> parameters.put(parameter.getKey(), parameter.getValue()));
    var payload = Json.object();
    payload.set("body", body);
    payload.set("headers", shown);
    payload.set("query", parameters);
    return payload;
  }

  private static ObjectNode fields(String form) {
    var fields = Json.object();
    for (String pair : form.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (!pair.isEmpty()) {
        fields.put(
            decoded(equals < 0 ? pair : pair.substring(0, equals)),
            equals < 0 ? "" : decoded(pair.substring(equals + 1)));
      }
    }
    return fields;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text; // a stray percent sign means itself
    }
  }
}
