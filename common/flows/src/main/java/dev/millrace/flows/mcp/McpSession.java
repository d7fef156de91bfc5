package dev.millrace.flows.mcp;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ToolSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A conversation with one server, from its greeting to its end. Thread-safe. */
public final class McpSession implements AutoCloseable {
  private static final String VERSION = "2025-06-18";
  private static final int MOST_PAGES = 50;

  private final String name;
  private final McpTransport transport;
  private final AtomicLong ids = new AtomicLong();

  private McpSession(String name, McpTransport transport) {
    this.name = name;
    this.transport = transport;
  }

  /** Greets a server; closes the transport when that fails. */
  static McpSession open(String name, McpTransport transport, Cancellation cancellation) {
    var session = new McpSession(name, transport);
    try {
      ObjectNode hello = Json.object().put("protocolVersion", VERSION);
      hello.set("capabilities", Json.object());
      hello.set("clientInfo", Json.object().put("name", "millrace").put("version", "1"));
      JsonNode welcome = session.ask("initialize", hello, cancellation);
      transport.agreed(welcome.path("protocolVersion").asString(VERSION));
      transport.tell(
          Json.object().put("jsonrpc", "2.0").put("method", "notifications/initialized"),
          cancellation);
      return session;
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** Returns what the server offers. */
  public List<ToolSpec> tools(Cancellation cancellation) {
    var tools = new ArrayList<ToolSpec>();
    String cursor = "";
    for (int page = 0; page < MOST_PAGES; page++) {
      ObjectNode from = Json.object();
      if (!cursor.isEmpty()) {
        from.put("cursor", cursor);
      }
      JsonNode listed = ask("tools/list", from, cancellation);
      for (JsonNode tool : listed.path("tools")) {
        ObjectNode schema =
            tool.get("inputSchema") instanceof ObjectNode object
                ? object
                : Json.object().put("type", "object");
        tools.add(
            new ToolSpec(
                tool.path("name").asString(""), tool.path("description").asString(""), schema));
      }
      cursor = listed.path("nextCursor").asString("");
      if (cursor.isEmpty()) {
        return tools;
      }
    }
    throw new McpException("MCP server " + name + " lists tools without end.", null);
  }

  /**
   * Calls a tool.
   *
   * @return {@code content} and what else the server told
   * @throws McpException when the tool failed, with its own words
   */
  public JsonNode call(String tool, ObjectNode arguments, Cancellation cancellation) {
    ObjectNode asked = Json.object().put("name", tool);
    asked.set("arguments", arguments);
    return ask("tools/call", asked, cancellation);
  }

  @Override
  public void close() {
    transport.close();
  }

  private JsonNode ask(String method, ObjectNode parameters, Cancellation cancellation) {
    ObjectNode message =
        Json.object().put("jsonrpc", "2.0").put("id", ids.incrementAndGet()).put("method", method);
    message.set("params", parameters);
    ObjectNode answer = transport.request(message, cancellation);
    if (answer.path("error").isObject()) {
      throw new McpException(
          "MCP server "
              + name
              + " refused "
              + method
              + ": "
              + answer.path("error").path("message").asString("no reason given"),
          null);
    }
    return answer.path("result");
  }
}
