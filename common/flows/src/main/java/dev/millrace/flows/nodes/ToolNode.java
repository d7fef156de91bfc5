package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.model.NodeInputs;
import dev.millrace.flows.tools.Tool;
import dev.millrace.flows.tools.ToolArguments;
import dev.millrace.flows.tools.ToolResult;
import dev.millrace.flows.tools.ToolScope;
import dev.millrace.flows.tools.Toolbox;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Calls a tool with arguments that the flow gives (§4.4). */
final class ToolNode implements NodeRunner {
  private static final Logger LOG = LoggerFactory.getLogger(ToolNode.class);

  private final Toolbox toolbox;

  ToolNode(Toolbox toolbox) {
    this.toolbox = toolbox;
  }

  @Override
  public NodeOutcome run(NodeContext context) {
    NodeInputs inputs = context.inputs();
    boolean older = inputs.text("toolAgentflowSelectedTool").isEmpty();
    String parameter = older ? "selectedTool" : "toolAgentflowSelectedTool";
    String kind = inputs.text(parameter);
    if (kind.isEmpty()) {
      throw new FlowException("Tool node " + context.node().title() + " has no tool: choose one.");
    }
    ObjectNode config = inputs.object(parameter + "Config");
    try (var tools = toolbox.make(kind, config, parameter, context)) {
      return new NodeOutcome.Done(call(kind, tools.list(), context));
    } catch (FlowCancelledException e) {
      throw e;
    } catch (FlowException e) {
      throw new FlowException(
          "Error in Tool node " + context.node().title() + ": " + e.getMessage(), e);
    }
  }

  private static NodeOutcome.Result call(String kind, List<Tool> tools, NodeContext context) {
    if (tools.isEmpty()) {
      throw new FlowException("\"" + kind + "\" offers no tool");
    }
    if (tools.size() > 1) {
      LOG.warn(
          "Node {} calls all {} tools of {} with the same arguments: choose one action",
          context.node().title(),
          tools.size(),
          kind);
    }
    ObjectNode arguments = arguments(context.inputs());
    ToolScope scope = ToolScope.of(context);
    var results = new ArrayList<ToolResult>();
    for (Tool tool : tools) {
      context.cancellation().throwIfCancelled();
      ObjectNode given = ToolArguments.fitted(arguments, tool.spec().parameters());
      results.add(tool.call(given, scope).split());
    }
    String text = results.stream().map(ToolResult::text).collect(Collectors.joining("\n"));
    ArrayNode artifacts = Json.array();
    ArrayNode documents = Json.array();
    JsonNode shown = context.inputs().raw("toolInputArgs");
    for (ToolResult result : results) {
      artifacts.addAll(result.artifacts());
      documents.addAll(result.sourceDocuments());
      shown = result.arguments() == null ? shown : result.arguments();
    }
    ObjectNode input = Json.object();
    if (!shown.isMissingNode()) {
      input.set("toolInputArgs", shown);
    }
    input.put("selectedTool", kind);
    ObjectNode output = Json.object().put("content", text);
    if (!artifacts.isEmpty()) {
      output.set("artifacts", artifacts);
    }
    if (!documents.isEmpty()) {
      output.set("sourceDocuments", documents);
    }
    if (context.isLast()) {
      context.events().token(text);
    }
    ObjectNode state = context.stateAfter("toolUpdateState", Json.text(text));
    return new NodeOutcome.Result(input, output, state, List.of());
  }

  /** The editor escapes brackets and quotes; what looks like JSON is meant as such. */
  private static ObjectNode arguments(NodeInputs inputs) {
    ObjectNode arguments = Json.object();
    for (ObjectNode row : inputs.rows("toolInputArgs")) {
      String name = JsonText.of(row.path("inputArgName"));
      JsonNode value = row.path("inputArgValue");
      if (!name.isEmpty()) {
        arguments.set(name, value.isString() ? read(value.stringValue()) : value);
      }
    }
    return arguments;
  }

  private static JsonNode read(String text) {
    String plain = text.replaceAll("\\\\([\"\\[\\]{}\\\\])", "$1");
    String bare = plain.strip();
    boolean container =
        (bare.startsWith("{") && bare.endsWith("}"))
            || (bare.startsWith("[") && bare.endsWith("]"));
    if (container) {
      // As it is first: within JSON a backslash before a quote has its meaning.
      JsonNode read = LenientJson.readOrMissing(text.strip());
      read = read.isMissingNode() ? LenientJson.readOrMissing(bare) : read;
      if (read.isContainer()) {
        return read;
      }
    }
    return Json.text(plain);
  }
}
