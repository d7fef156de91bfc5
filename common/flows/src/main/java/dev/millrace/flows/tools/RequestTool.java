package dev.millrace.flows.tools;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.ToolSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jsoup.Jsoup;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends a request to an address that the flow names, with parameters or a body that the model
 * chooses ({@code requestsGet}, {@code …Post}, {@code …Put}, {@code …Delete}).
 */
final class RequestTool implements Tool {
  private static final int LONGEST_OUTPUT = 2000;

  private final HttpCalls http;
  private final String method;
  private final String url;
  private final Map<String, String> headers;
  private final ObjectNode parameters;
  private final ObjectNode fixedBody;
  private final int longest;
  private final ToolSpec spec;

  private RequestTool(
      HttpCalls http, String method, String prefix, ObjectNode parameters, ToolOrder order) {
    this.http = http;
    this.method = method;
    this.url = plain(order.required(prefix + "Url"));
    this.headers = HttpCalls.headers(order.json(prefix + "Headers", RequestTool::plain));
    this.parameters = parameters;
    String body = prefix.replace("requests", "request") + "Body";
    this.fixedBody = sendsBody() ? fixed(order, body) : Json.object();
    int limit = order.number(prefix + "MaxOutputLength", LONGEST_OUTPUT);
    this.longest = limit == 0 ? LONGEST_OUTPUT : limit;
    String verb = method.toLowerCase(java.util.Locale.ROOT);
    String name = ToolNames.keep(order.text(prefix + "Name"), "requests_" + verb);
    String description =
        order.text(
            prefix + "Description",
            "Sends a " + method + " request to " + HttpCalls.where(url) + " and tells the answer.");
    this.spec = new ToolSpec(name, description, schema());
  }

  /** Returns what makes tools of one method. */
  static ToolMaker maker(HttpCalls http, String method, String prefix) {
    return order -> {
      String schema =
          prefix.endsWith("Post") || prefix.endsWith("Put") ? "BodySchema" : "QueryParamsSchema";
      return List.of(new RequestTool(http, method, prefix, order.object(prefix + schema), order));
    };
  }

  private boolean sendsBody() {
    return method.equals("POST") || method.equals("PUT");
  }

  private static ObjectNode fixed(ToolOrder order, String name) {
    JsonNode raw = order.config().raw(name);
    return raw.isString()
            && !raw.stringValue().isBlank()
            && LooseJson.read(plain(raw.stringValue())) instanceof ObjectNode object
        ? object
        : order.object(name);
  }

  private ObjectNode schema() {
    String member = sendsBody() ? "body" : "queryParams";
    if (parameters.isEmpty() && !sendsBody()) {
      return Schemas.empty();
    }
    ObjectNode properties = Json.object();
    // Flowise drops what the model says when nobody described it; ours sends it.
    properties.set(
        member,
        parameters.isEmpty() ? Schemas.any("what to send, as JSON") : Schemas.of(parameters));
    boolean needed =
        parameters.valueStream().anyMatch(one -> one.path("required").asBoolean(false));
    return Schemas.object(properties, needed ? List.of(member) : List.of());
  }

  @Override
  public ToolSpec spec() {
    return spec;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolScope scope) {
    if (sendsBody()) {
      ObjectNode body = Json.shallowCopy(fixedBody);
      if (arguments.get("body") instanceof ObjectNode given) {
        body.setAll(given);
      }
      return ToolResult.text(cut(http.text(method, url, headers, body, scope)));
    }
    JsonNode given = arguments.path("queryParams");
    String address = given instanceof ObjectNode values ? address(values) : url;
    return ToolResult.text(cut(http.text(method, address, headers, null, scope)));
  }

  /** Path parameters replace {@code :name} in the URL, or become its last segments. */
  private String address(ObjectNode values) {
    int cut = url.indexOf('?');
    String path = cut < 0 ? url : url.substring(0, cut);
    String rest = cut < 0 ? "" : url.substring(cut);
    var query = new LinkedHashMap<String, String>();
    var segments = new ArrayList<String>();
    for (var value : values.properties()) {
      String text = JsonText.of(value.getValue());
      if (!parameters.path(value.getKey()).path("in").asString("query").equals("path")) {
        query.put(value.getKey(), text);
        continue;
      }
      if (text.isEmpty() || text.equals(".") || text.equals("..")) {
        throw new FlowException(
            "The parameter \""
                + value.getKey()
                + "\" is part of the address and must not be \""
                + text
                + "\".");
      }
      String placeholder = "/:" + value.getKey();
      int at = path.indexOf(placeholder);
      if (at < 0) {
        segments.add(HttpCalls.encoded(text));
      } else {
        path =
            path.substring(0, at)
                + "/"
                + HttpCalls.encoded(text)
                + path.substring(at + placeholder.length());
      }
    }
    var full = new StringBuilder(path);
    for (String segment : segments) {
      full.append(full.charAt(full.length() - 1) == '/' ? "" : "/").append(segment);
    }
    return HttpCalls.withQuery(full + rest, query);
  }

  private String cut(String text) {
    return text.length() > longest ? text.substring(0, longest) + "..." : text;
  }

  /** The editor wraps what is written in its fields in HTML. */
  private static String plain(String text) {
    return text.contains("<") ? Jsoup.parse(text).text().strip() : text.strip();
  }
}
