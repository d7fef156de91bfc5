package dev.millrace.flows.tools;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.mcp.McpServers;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.script.ScriptSandbox;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/** Makes the tools that flows name. Thread-safe. */
public final class Toolbox {
  /** Tools of vendors to which a user has to sign in by a browser. */
  private static final Set<String> SIGNED_IN = Set.of("gmail", "microsoftTeams");

  private final Map<String, ToolMaker> makers;
  private final McpTools mcp;

  /**
   * @param fetcher sends what tools ask for
   * @param scripts runs custom tools
   * @param clock tells the time
   * @param servers reaches MCP servers
   * @param remote asks flows of other servers
   * @param more tools that others bring, by the name that selects them; those that come with the
   *     engine win
   */
  public Toolbox(
      HttpFetcher fetcher,
      ScriptSandbox scripts,
      InstantSource clock,
      McpServers servers,
      RemoteFlows remote,
      Map<String, ToolFactory> more) {
    var http = new HttpCalls(fetcher);
    var known = new HashMap<String, ToolMaker>();
    more.forEach((kind, factory) ->
        known.put(kind, order -> List.of(factory.make(order.config().values()))));
    known.put("calculator", _ -> List.of(new Calculator()));
    known.put("currentDateTime", _ -> List.of(new CurrentDateTime(clock)));
    known.put("requestsGet", RequestTool.maker(http, "GET", "requestsGet"));
    known.put("requestsPost", RequestTool.maker(http, "POST", "requestsPost"));
    known.put("requestsPut", RequestTool.maker(http, "PUT", "requestsPut"));
    known.put("requestsDelete", RequestTool.maker(http, "DELETE", "requestsDelete"));
    known.put("openAPIToolkit", new OpenApiTools(http, scripts));
    known.put("customTool", CustomTool.maker(scripts));
    known.put("ChatflowTool", FlowTool.maker(remote));
    known.put("chatflowTool", FlowTool.maker(remote));
    known.put("agentAsTool", FlowTool.maker(remote));
    known.put("webScraperTool", WebScraper.maker(http));
    known.putAll(new WebSearches(http).makers());
    known.putAll(new Encyclopedias(http).makers());
    this.makers = Map.copyOf(known);
    this.mcp = new McpTools(servers);
  }

  /** Returns the kinds of tools that can be made. */
  public Set<String> supported() {
    var all = new TreeSet<>(makers.keySet());
    all.addAll(mcp.supported());
    return all;
  }

  /**
   * Makes the tools of one component; a toolkit or an MCP server has several.
   *
   * @param kind the name of the component, e.g. {@code requestsGet}
   * @param config its inputs, templates filled in
   * @param parameter the input of the node that names it, for messages
   * @return to be closed when the node is done
   * @throws FlowException when there is no such kind, or a setting is missing
   */
  public Tools make(String kind, ObjectNode config, String parameter, NodeContext context) {
    ToolMaker maker = makers.get(kind);
    if (maker == null && SIGNED_IN.contains(kind)) {
      throw refused(
          kind,
          parameter,
          context,
          "acts for a user who signed in with OAuth, which cannot be done here: call the vendor's"
              + " API with requestsPost or a customTool and a token of your own.");
    }
    if (maker == null && !mcp.supported().contains(kind)) {
      throw refused(
          kind,
          parameter,
          context,
          "is not known here. Supported: " + String.join(", ", supported()) + ".");
    }
    var order = ToolOrder.of(kind, config, parameter, context);
    return maker == null ? mcp.make(order) : new Tools(maker.make(order), () -> {});
  }

  private static FlowException refused(
      String kind, String parameter, NodeContext context, String why) {
    return new FlowException(
        "Tool \"" + kind + "\" (" + parameter + ") of node " + context.node().title() + " " + why);
  }

  /**
   * The tools of one component.
   *
   * @param release gives back what they hold: connections, processes
   */
  public record Tools(List<Tool> list, Runnable release) implements AutoCloseable {
    public Tools {
      list = List.copyOf(list);
    }

    @Override
    public void close() {
      release.run();
    }
  }
}
