package dev.millrace.flows.tools;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.ToolSpec;
import dev.millrace.flows.script.ScriptSandbox;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** An operation of an OpenAPI document as a tool. */
final class OpenApiOperation implements Tool {
  /**
   * What the tools of one document have in common.
   *
   * @param server absolute, without a slash at its end
   * @param headers of every request; they win over what a model says
   * @param code a script that sends the request instead, "" for none
   */
  record Shared(
      HttpCalls http,
      ScriptSandbox scripts,
      String server,
      Map<String, String> headers,
      boolean removeNulls,
      boolean returnDirect,
      String code) {}

  private final Shared shared;
  private final OpenApiDocument.Operation operation;
  private final ToolSpec spec;

  OpenApiOperation(Shared shared, OpenApiDocument.Operation operation) {
    this.shared = shared;
    this.operation = operation;
    this.spec =
        new ToolSpec(
            ToolNames.keep(operation.id(), "operation"),
            operation.description(),
            operation.parameters());
  }

  @Override
  public ToolSpec spec() {
    return spec;
  }

  @Override
  public boolean returnDirect() {
    return shared.returnDirect();
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolScope scope) {
    ObjectNode given = shared.removeNulls() ? withoutNulls(arguments) : arguments;
    String url =
        HttpCalls.withQuery(
            shared.server() + path(given), OpenApiBody.fields(given.path("QueryParameters")));
    JsonNode value = given.path("RequestBody");
    OpenApiBody body =
        value.isMissingNode() || operation.bodyType().isEmpty()
            ? null
            : OpenApiBody.of(operation.bodyType(), value);
    Map<String, String> headers = headers(given);
    if (!shared.code().isEmpty()) {
      return ToolResult.text(script(url, headers, body, given, scope));
    }
    return ToolResult.text(
        HttpCalls.success(
            shared.http().sendBody(operation.method(), url, headers, body, scope), url));
  }

  private String path(ObjectNode given) {
    String path = operation.path();
    for (var value : given.path("PathParameters").properties()) {
      String text = JsonText.of(value.getValue());
      if (text.isEmpty() || text.equals(".") || text.equals("..")) {
        throw new FlowException(
            "The path parameter \"" + value.getKey() + "\" must not be \"" + text + "\".");
      }
      path = path.replace("{" + value.getKey() + "}", HttpCalls.encoded(text));
    }
    return path;
  }

  private Map<String, String> headers(ObjectNode given) {
    var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    for (var value : given.path("HeaderParameters").properties()) {
      headers.put(value.getKey(), JsonText.of(value.getValue()));
    }
    String cookies =
        OpenApiBody.fields(given.path("CookieParameters")).stream()
            .map(cookie -> cookie.getKey() + "=" + HttpCalls.encoded(cookie.getValue()))
            .collect(Collectors.joining("; "));
    if (!cookies.isEmpty()) {
      headers.put("Cookie", cookies);
    }
    headers.putAll(shared.headers());
    return headers;
  }

  private String script(
      String url,
      Map<String, String> headers,
      @Nullable OpenApiBody body,
      ObjectNode given,
      ToolScope scope) {
    ObjectNode options = Json.object().put("method", operation.method());
    ObjectNode sent =
        Json.object().put("Content-Type", body == null ? "application/json" : body.type());
    headers.forEach(sent::put);
    options.set("headers", sent);
    if (body != null) {
      options.put("body", new String(body.bytes(), StandardCharsets.UTF_8));
    }
    var globals = new HashMap<String, JsonNode>();
    globals.put("$url", Json.text(url));
    globals.put("$options", options);
    for (String member : OpenApiDocument.MEMBERS) {
      globals.put("$" + member, given.path(member));
    }
    globals.put("$flow", scope.flow());
    var variables = Json.object();
    scope.variables().forEach(variables::put);
    globals.put("$vars", variables);
    var script = new ScriptSandbox.Script(shared.code(), globals);
    return JsonText.of(shared.scripts().run(script, scope.cancellation()));
  }

  private static ObjectNode withoutNulls(ObjectNode given) {
    ObjectNode kept = Json.object();
    for (var member : given.properties()) {
      JsonNode value = member.getValue();
      if (!value.isNull()) {
        kept.set(
            member.getKey(), value instanceof ObjectNode object ? withoutNulls(object) : value);
      }
    }
    return kept;
  }
}
