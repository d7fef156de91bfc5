package dev.millrace.flows.tools;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.net.HttpFetcher.Request;
import dev.millrace.flows.net.HttpFetcher.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What tools do over HTTP, through the guarded client. Thread-safe. */
final class HttpCalls {
  private static final int LONGEST_ERROR = 500;

  private final HttpFetcher fetcher;

  HttpCalls(HttpFetcher fetcher) {
    this.fetcher = fetcher;
  }

  /**
   * Sends a request.
   *
   * @param body sent as JSON, null for none
   * @return the answer, of whatever status
   */
  Response send(
      String method,
      String url,
      Map<String, String> headers,
      @Nullable JsonNode body,
      ToolScope scope) {
    return sendBody(
        method,
        url,
        headers,
        body == null ? null : OpenApiBody.of("application/json", body),
        scope);
  }

  /** As above, with a body of any type; null for none. */
  Response sendBody(
      String method,
      String url,
      Map<String, String> headers,
      @Nullable OpenApiBody body,
      ToolScope scope) {
    boolean typed =
        headers.keySet().stream()
            .anyMatch(name -> name.toLowerCase(Locale.ROOT).equals("content-type"));
    var request =
        new Request(
            method,
            url,
            List.copyOf(headers.entrySet()),
            body == null ? null : body.bytes(),
            body == null || typed ? null : body.type());
    return fetcher.fetch(request, scope.cancellation());
  }

  /** As {@link #send}, and returns the text of a successful answer. */
  String text(
      String method,
      String url,
      Map<String, String> headers,
      @Nullable JsonNode body,
      ToolScope scope) {
    return success(send(method, url, headers, body, scope), url);
  }

  /** As {@link #text}, of an answer in JSON. */
  JsonNode json(
      String method,
      String url,
      Map<String, String> headers,
      @Nullable JsonNode body,
      ToolScope scope) {
    JsonNode read = Json.readOrMissing(text(method, url, headers, body, scope));
    if (read.isMissingNode()) {
      throw new FlowException(where(url) + " did not answer in JSON.");
    }
    return read;
  }

  /**
   * Returns the text of a successful answer.
   *
   * @throws FlowException when its status is another than 2xx
   */
  static String success(Response response, String url) {
    String text = new String(response.body(), StandardCharsets.UTF_8);
    if (response.status() / 100 != 2) {
      String words = text.length() > LONGEST_ERROR ? text.substring(0, LONGEST_ERROR) + "…" : text;
      throw new FlowException(
          where(url) + " answered with status " + response.status() + ": " + words);
    }
    return text;
  }

  /** Adds parameters to a URL. */
  static String withQuery(String url, Map<String, String> parameters) {
    return withQuery(url, List.copyOf(parameters.entrySet()));
  }

  /** As above, of parameters that may come several times. */
  static String withQuery(String url, List<Map.Entry<String, String>> parameters) {
    return parameters.isEmpty() ? url : url + (url.contains("?") ? "&" : "?") + encoded(parameters);
  }

  /** Writes pairs as a query or a form has them. */
  static String encoded(List<Map.Entry<String, String>> pairs) {
    return pairs.stream()
        .map(pair -> encoded(pair.getKey()) + "=" + encoded(pair.getValue()))
        .collect(Collectors.joining("&"));
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Reads headers: an object, its text, or rows {@code {key, value}}. */
  static Map<String, String> headers(JsonNode given) {
    JsonNode read = given.isString() ? LooseJson.read(given.stringValue()) : given;
    var headers = new java.util.LinkedHashMap<String, String>();
    if (read instanceof ObjectNode object) {
      object
          .properties()
          .forEach(member -> headers.put(member.getKey(), JsonText.of(member.getValue())));
    }
    for (JsonNode row : read.isArray() ? read : Json.array()) {
      String key = row.path("key").asString("");
      if (!key.isEmpty()) {
        headers.put(key, JsonText.of(row.path("value")));
      }
    }
    return headers;
  }

  /** Returns an address without its query, which may hold a key. */
  static String where(String url) {
    int query = url.indexOf('?');
    return query < 0 ? url : url.substring(0, query);
  }
}
