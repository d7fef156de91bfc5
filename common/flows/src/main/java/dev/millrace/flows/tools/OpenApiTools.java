package dev.millrace.flows.tools;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.ToolSpec;
import dev.millrace.flows.script.ScriptSandbox;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes a tool of each operation that an OpenAPI document describes ({@code openAPIToolkit}). */
final class OpenApiTools implements ToolMaker {
  private final HttpCalls http;
  private final ScriptSandbox scripts;

  OpenApiTools(HttpCalls http, ScriptSandbox scripts) {
    this.http = http;
    this.scripts = scripts;
  }

  @Override
  public List<Tool> make(ToolOrder order) {
    var document = OpenApiDocument.read(text(order), order);
    String server = order.text("selectedServer", document.server());
    if (server.isEmpty()) {
      throw order.wrong("the document names no server: set selectedServer");
    }
    Set<String> chosen = order.names("selectedEndpoints");
    var shared =
        new Shared(
            server.endsWith("/") ? server.substring(0, server.length() - 1) : server,
            HttpCalls.headers(order.json("headers")),
            order.config().flag("removeNulls"),
            order.config().flag("returnDirect"),
            order.text("customCode"));
    return document.operations().stream()
        .filter(operation -> chosen.isEmpty() || chosen.contains(operation.id()))
        .<Tool>map(operation -> new Operation(shared, operation))
        .toList();
  }

  private String text(ToolOrder order) {
    String link = order.text("openApiLink");
    boolean linked = order.text("inputType").equals("link") || order.text("openApiFile").isEmpty();
    if (linked && !link.isEmpty()) {
      return http.text("GET", link, Map.of(), null, ToolScope.of(order.context()));
    }
    String file = order.text("openApiFile", order.text("yamlFile"));
    if (file.isEmpty()) {
      throw order.wrong(
          "it has no OpenAPI document (openApiFile): exports leave files out, upload it again");
    }
    int comma = file.indexOf(";base64,");
    if (!file.startsWith("data:") || comma < 0) {
      throw order.wrong("openApiFile is no data URI: upload the document again");
    }
    String encoded = file.substring(comma + ";base64,".length());
    int name = encoded.indexOf(',');
    try {
      byte[] bytes = Base64.getDecoder().decode(name < 0 ? encoded : encoded.substring(0, name));
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw order.wrong("openApiFile is not valid Base64: upload the document again");
    }
  }

  /** What the tools of one document have in common. */
  private record Shared(
      String server,
      Map<String, String> headers,
      boolean removeNulls,
      boolean returnDirect,
      String code) {}

  private final class Operation implements Tool {
    private final Shared shared;
    private final OpenApiDocument.Operation operation;
    private final ToolSpec spec;

    Operation(Shared shared, OpenApiDocument.Operation operation) {
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
      String path = operation.path();
      for (var value : given.path("PathParameters").properties()) {
        String text = JsonText.of(value.getValue());
        if (text.isEmpty() || text.equals(".") || text.equals("..")) {
          throw new FlowException(
              "The path parameter \"" + value.getKey() + "\" must not be \"" + text + "\".");
        }
        path = path.replace("{" + value.getKey() + "}", HttpCalls.encoded(text));
      }
      var query = new LinkedHashMap<String, String>();
      for (var value : given.path("QueryParameters").properties()) {
        query.put(value.getKey(), JsonText.of(value.getValue()));
      }
      String url = HttpCalls.withQuery(shared.server() + path, query);
      JsonNode body = given.get("RequestBody");
      if (!shared.code().isEmpty()) {
        return ToolResult.text(script(url, body, given, scope));
      }
      return ToolResult.text(http.text(operation.method(), url, shared.headers(), body, scope));
    }

    private String script(
        String url,
        @org.jspecify.annotations.Nullable JsonNode body,
        ObjectNode given,
        ToolScope scope) {
      ObjectNode options = Json.object().put("method", operation.method());
      ObjectNode headers = Json.object().put("Content-Type", "application/json");
      shared.headers().forEach(headers::put);
      options.set("headers", headers);
      if (body != null) {
        options.put("body", Json.write(body));
      }
      var globals = new HashMap<String, JsonNode>();
      globals.put("$url", Json.text(url));
      globals.put("$options", options);
      for (String member : List.of("PathParameters", "QueryParameters", "RequestBody")) {
        globals.put("$" + member, given.path(member));
      }
      globals.put("$flow", scope.flow());
      var variables = Json.object();
      scope.variables().forEach(variables::put);
      globals.put("$vars", variables);
      JsonNode result =
          scripts.run(new ScriptSandbox.Script(shared.code(), globals), scope.cancellation());
      return JsonText.of(result);
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
}
