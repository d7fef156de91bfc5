package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.Compat;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.model.NodeInputs;
import dev.millrace.flows.net.HttpFetcher;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Sends a request; every status is a success, unless that habit was dropped (§4.11). */
final class HttpNode implements NodeRunner {
  private static final List<String> SHOWN =
      List.of("method", "url", "headers", "queryParams", "bodyType", "body", "responseType");
  private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "DELETE", "PATCH");

  private static final int LONGEST_SHOWN = 200;

  private final HttpFetcher fetcher;

  HttpNode(HttpFetcher fetcher) {
    this.fetcher = fetcher;
  }

  @Override
  public NodeOutcome run(NodeContext context) {
    try {
      return send(context);
    } catch (FlowCancelledException e) {
      throw e;
    } catch (FlowException e) {
      throw new FlowException("HTTP node " + context.node().title() + ": " + e.getMessage(), e);
    }
  }

  private NodeOutcome send(NodeContext context) {
    NodeInputs inputs = context.inputs();
    HttpFetcher.Request request = request(context);
    HttpFetcher.Response response = fetcher.fetch(request, context.cancellation());
    if (response.status() >= 400 && !context.keeps(Compat.HTTP_STATUS_IS_SUCCESS)) {
      throw new FlowException(
          request.method()
              + " answered "
              + response.status()
              + " "
              + response.statusText()
              + ": "
              + shortened(new String(response.body(), StandardCharsets.UTF_8)));
    }
    var input = Json.object();
    for (String member : SHOWN) {
      if (inputs.values().has(member)) {
        input.set(member, inputs.raw(member));
      }
    }
    var headers = Json.object();
    response.headers().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(header -> headers.put(header.getKey(), header.getValue()));
    var output = Json.object();
    output.set("data", data(response, inputs.text("responseType")));
    output.put("status", response.status()).put("statusText", response.statusText());
    output.set("headers", headers);
    return new NodeOutcome.Done(new NodeOutcome.Result(http(input), http(output)));
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
  }

  private static ObjectNode http(ObjectNode members) {
    ObjectNode wrapped = Json.object();
    wrapped.set("http", members);
    return wrapped;
  }

  private static HttpFetcher.Request request(NodeContext context) {
    NodeInputs inputs = context.inputs();
    String method = inputs.text("method").toUpperCase(Locale.ROOT);
    method = method.isEmpty() ? "GET" : method;
    if (!METHODS.contains(method)) {
      throw new FlowException("the method \"" + method + "\" is not one of " + METHODS + ".");
    }
    String url = inputs.text("url").trim();
    if (url.isEmpty()) {
      throw new FlowException("it has no URL (url): enter one.");
    }
    var headers = new ArrayList<Map.Entry<String, String>>();
    String id = context.node().data().path("credential").asString("");
    authorization(context.credential(id), headers);
    headers.addAll(pairs(inputs, "headers"));
    HttpBody body = method.equals("GET") ? HttpBody.NONE : HttpBody.of(inputs);
    boolean typed = headers.stream().anyMatch(header -> isContentType(header.getKey()));
    return new HttpFetcher.Request(
        method,
        withQuery(url, pairs(inputs, "queryParams")),
        headers,
        body.bytes(),
        typed ? null : body.contentType());
  }

  private static boolean isContentType(String header) {
    return header.equalsIgnoreCase("content-type");
  }

  private static void authorization(
      ObjectNode credential, List<Map.Entry<String, String>> headers) {
    String user = credential.path("basicAuthUsername").asString("");
    String password = credential.path("basicAuthPassword").asString("");
    String token = credential.path("token").asString("");
    String key = credential.path("key").asString("");
    if (!user.isEmpty() || !password.isEmpty()) {
      byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      String encoded = Base64.getEncoder().encodeToString(pair);
      headers.add(Map.entry("Authorization", "Basic " + encoded));
    } else if (!token.isEmpty()) {
      headers.add(Map.entry("Authorization", "Bearer " + token));
    } else if (!key.isEmpty()) {
      headers.add(Map.entry(key, credential.path("value").asString("")));
    }
  }

  /** Returns the rows {@code {key, value}} of an input that have both. */
  static List<Map.Entry<String, String>> pairs(NodeInputs inputs, String name) {
    var pairs = new ArrayList<Map.Entry<String, String>>();
    for (ObjectNode row : inputs.rows(name)) {
      String key = JsonText.of(row.path("key"));
      String value = JsonText.of(row.path("value"));
      if (!key.isEmpty() && !value.isEmpty()) {
        pairs.add(Map.entry(key, value));
      }
    }
    return pairs;
  }

  /** Encodes pairs as a form or a query. */
  static String encoded(List<Map.Entry<String, String>> pairs) {
    var text = new StringBuilder();
    for (var pair : pairs) {
      text.append(text.isEmpty() ? "" : "&")
          .append(URLEncoder.encode(pair.getKey(), StandardCharsets.UTF_8))
          .append('=')
          .append(URLEncoder.encode(pair.getValue(), StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  private static String withQuery(String url, List<Map.Entry<String, String>> params) {
    if (params.isEmpty()) {
      return url;
    }
    int hash = url.indexOf('#');
    String base = hash < 0 ? url : url.substring(0, hash);
    return base + (base.contains("?") ? "&" : "?") + encoded(params);
  }

  private static JsonNode data(HttpFetcher.Response response, String type) {
    byte[] body = response.body();
    if (type.equals("base64") || type.equals("arraybuffer")) {
      return Json.text(Base64.getEncoder().encodeToString(body));
    }
    String text = new String(body, StandardCharsets.UTF_8);
    if (type.equals("text")) {
      return Json.text(text);
    }
    JsonNode json = Json.readOrMissing(text);
    return json.isMissingNode() ? Json.text(text) : json;
  }
}
