package dev.millrace.flows.tools;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.mcp.McpServers;
import dev.millrace.flows.mcp.McpSession;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.ToolSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes tools of what MCP servers offer: any server, and those that Flowise has nodes for. */
final class McpTools {
  private static final String CUSTOM = "customMCP";

  /**
   * A server that comes as an npm package.
   *
   * @param secrets the variables it wants, with the field of the credential that has each
   * @param argument the field of the credential that it wants as its argument, "" for none
   */
  private record Preset(String npmPackage, Map<String, String> secrets, String argument) {
    Preset(String npmPackage, Map<String, String> secrets) {
      this(npmPackage, secrets, "");
    }
  }

  private static final Map<String, Preset> PRESETS =
      Map.of(
          "slackMCP",
          new Preset(
              "@modelcontextprotocol/server-slack",
              Map.of("SLACK_BOT_TOKEN", "botToken", "SLACK_TEAM_ID", "teamId")),
          "braveSearchMCP",
          new Preset(
              "@modelcontextprotocol/server-brave-search", Map.of("BRAVE_API_KEY", "braveApiKey")),
          "githubMCP",
          new Preset(
              "@modelcontextprotocol/server-github",
              Map.of("GITHUB_PERSONAL_ACCESS_TOKEN", "accessToken")),
          "sequentialThinkingMCP",
          new Preset("@modelcontextprotocol/server-sequential-thinking", Map.of()),
          "postgreSQLMCP",
          new Preset("@modelcontextprotocol/server-postgres", Map.of(), "postgresUrl"));

  private final McpServers servers;

  McpTools(McpServers servers) {
    this.servers = servers;
  }

  Set<String> supported() {
    var all = new TreeSet<>(PRESETS.keySet());
    all.add(CUSTOM);
    return all;
  }

  Toolbox.Tools make(ToolOrder order) {
    Cancellation cancellation = order.context().cancellation();
    Preset preset = PRESETS.get(order.kind());
    Set<String> wanted = order.names("mcpActions");
    McpSession session =
        preset == null ? custom(order, cancellation) : preset(preset, order, cancellation);
    try {
      var tools = new ArrayList<Tool>();
      for (ToolSpec spec : session.tools(cancellation)) {
        if (wanted.isEmpty() || wanted.contains(spec.name())) {
          tools.add(new Remote(session, spec));
        }
      }
      if (tools.isEmpty()) {
        throw order.wrong("the MCP server offers none of the chosen actions " + wanted);
      }
      return new Toolbox.Tools(tools, session::close);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  private McpSession custom(ToolOrder order, Cancellation cancellation) {
    ObjectNode config = order.object("mcpServerConfig");
    String url = config.path("url").asString("");
    if (!url.isEmpty()) {
      return servers.connect(url, HttpCalls.headers(config.path("headers")), cancellation);
    }
    String command = config.path("command").asString("");
    if (command.isEmpty()) {
      throw order.wrong("mcpServerConfig names neither a url nor a command");
    }
    var arguments = config.path("args").valueStream().map(JsonText::of).toList();
    var environment = new HashMap<String, String>();
    config
        .path("env")
        .properties()
        .forEach(one -> environment.put(one.getKey(), JsonText.of(one.getValue())));
    return servers.start(command, arguments, environment, cancellation);
  }

  private McpSession preset(Preset preset, ToolOrder order, Cancellation cancellation) {
    var environment = new HashMap<String, String>();
    preset.secrets().forEach((name, field) -> environment.put(name, order.required(field)));
    var arguments = new ArrayList<>(List.of("-y", preset.npmPackage()));
    if (!preset.argument().isEmpty()) {
      arguments.add(order.required(preset.argument()));
    }
    return servers.start("npx", arguments, environment, cancellation);
  }

  /** One tool of a server. */
  private record Remote(McpSession session, ToolSpec spec) implements Tool {
    @Override
    public ToolResult call(ObjectNode arguments, ToolScope scope) {
      JsonNode result = session.call(spec.name(), arguments, scope.cancellation());
      var text = new StringBuilder();
      var artifacts = Json.array();
      for (JsonNode part : result.path("content")) {
        switch (part.path("type").asString("")) {
          case "text" ->
              text.append(text.isEmpty() ? "" : "\n").append(part.path("text").asString(""));
          case "image" -> {
            String mime = part.path("mimeType").asString("image/png");
            artifacts.add(
                Json.object()
                    .put("type", mime.substring(mime.indexOf('/') + 1))
                    .put("data", "data:" + mime + ";base64," + part.path("data").asString("")));
          }
          default -> text.append(text.isEmpty() ? "" : "\n").append(Json.write(part));
        }
      }
      if (text.isEmpty() && result.path("structuredContent").isContainer()) {
        text.append(Json.write(result.path("structuredContent")));
      }
      if (result.path("isError").asBoolean(false)) {
        throw new FlowException("The tool \"" + spec.name() + "\" failed: " + text);
      }
      return new ToolResult(text.toString(), Json.array(), artifacts, null);
    }
  }
}
