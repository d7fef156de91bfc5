package dev.millrace.flows.tools;

import dev.millrace.flows.engine.StoredFiles;
import dev.millrace.flows.model.DataUri;
import dev.millrace.flows.script.ScriptSandbox;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    String link = link(order);
    var document =
        OpenApiDocument.read(link.isEmpty() ? uploaded(order) : linked(link, order), order);
    Set<String> chosen = order.names("selectedEndpoints");
    var shared =
        new OpenApiOperation.Shared(
            http,
            scripts,
            server(document, link, order),
            HttpCalls.headers(order.json("headers")),
            order.config().flag("removeNulls"),
            order.config().flag("returnDirect"),
            order.text("customCode"));
    return document.operations().stream()
        .filter(operation -> chosen.isEmpty() || chosen.contains(operation.id()))
        .<Tool>map(operation -> new OpenApiOperation(shared, operation))
        .toList();
  }

  /** Returns where the document is, "" when it was uploaded. */
  private static String link(ToolOrder order) {
    boolean linked = order.text("inputType").equals("link") || file(order).isEmpty();
    return linked ? order.text("openApiLink") : "";
  }

  private static String file(ToolOrder order) {
    return order.text("openApiFile", order.text("yamlFile"));
  }

  /** A server may be relative to where the document is; one that names none is there itself. */
  private static String server(OpenApiDocument document, String link, ToolOrder order) {
    String server = order.text("selectedServer", document.server());
    if (server.isEmpty() && link.isEmpty()) {
      throw order.wrong("the document names no server: set selectedServer");
    }
    try {
      URI address =
          link.isEmpty()
              ? URI.create(server)
              : URI.create(link).resolve(server.isEmpty() ? "/" : server);
      if (!address.isAbsolute()) {
        throw order.wrong(
            "the server \""
                + server
                + "\" is relative to a link, and there is no openApiLink: set"
                + " selectedServer to the whole address");
      }
      return address.toString().replaceFirst("/+$", "");
    } catch (IllegalArgumentException e) {
      throw order.wrong("the server \"" + server + "\" is no address: " + e.getMessage());
    }
  }

  private String linked(String link, ToolOrder order) {
    return http.text("GET", link, Map.of(), null, ToolScope.of(order.context()));
  }

  private static String uploaded(ToolOrder order) {
    String file = file(order);
    if (file.isEmpty()) {
      throw order.wrong(
          "it has no OpenAPI document (openApiFile): exports leave files out, upload it again");
    }
    if (StoredFiles.isReference(file)) {
      return stored(file, order);
    }
    try {
      return new String(DataUri.parse(file).content(), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw order.wrong("openApiFile " + e.getMessage() + ": upload the document again");
    }
  }

  private static String stored(String reference, ToolOrder order) {
    String name;
    try {
      name = StoredFiles.names(reference).getFirst();
    } catch (IllegalArgumentException e) {
      throw order.wrong("openApiFile is " + reference + ", and " + e.getMessage());
    }
    byte[] bytes =
        order
            .context()
            .flowFile(name)
            .orElseThrow(() ->
                order.wrong(
                    "its OpenAPI document is in the storage of the Flowise that saved the flow ("
                        + reference
                        + "): upload it again, give its openApiLink, or let BLOB_STORAGE_PATH name"
                        + " that storage"));
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
