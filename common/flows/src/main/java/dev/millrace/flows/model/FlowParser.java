package dev.millrace.flows.model;

import dev.millrace.flows.model.FlowFile.NamedFlow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads every kind of file that Flowise exports: a single flow or marketplace template, a stored
 * row with {@code flowData} as text, a whole workspace, a tool template, and bare {@code flowData}.
 *
 * <p>It judges only the form; what is wrong with a flow, {@link FlowCheck} tells. Thread-safe.
 */
public final class FlowParser {
  private record Section(String name, FlowType type) {}

  private static final List<Section> SECTIONS =
      List.of(
          new Section("AgentFlowV2", FlowType.AGENTFLOW),
          new Section("AgentFlow", FlowType.MULTIAGENT),
          new Section("ChatFlow", FlowType.CHATFLOW),
          new Section("AssistantFlow", FlowType.ASSISTANT));

  private FlowParser() {}

  /**
   * Reads a file.
   *
   * @throws FlowFormatException when it is neither a flow, nor an export, nor a tool
   */
  public static FlowFile read(String text) {
    return read(tree(text, "the file"));
  }

  /** As {@link #read(String)}, of a tree that is not changed. */
  public static FlowFile read(JsonNode json) {
    if (json.isString()) {
      return read(tree(json.stringValue(), "the flowData text"));
    }
    if (!(json instanceof ObjectNode object)) {
      throw new FlowFormatException("A flow is a JSON object; this is " + kind(json) + ".");
    }
    if (object.has("nodes") || object.has("flowData")) {
      return new FlowFile.Flows(List.of(named(object, null)));
    }
    if (object.path("func").isString() && object.has("schema")) {
      return tool(object);
    }
    boolean export =
        SECTIONS.stream().anyMatch(section -> object.has(section.name()))
            || !WorkspaceParts.of(object).isEmpty();
    if (export) {
      return new FlowFile.Flows(sections(object));
    }
    throw new FlowFormatException(
        "This JSON has neither nodes, nor flowData, nor the sections of a workspace export, nor"
            + " the func and schema of a tool.");
  }

  /**
   * Reads a file that holds exactly one flow, e.g. the {@code flowData} of a row.
   *
   * @throws FlowFormatException when it holds none or several
   */
  public static NamedFlow parse(String text) {
    return only(read(text));
  }

  /** As {@link #parse(String)}, of a tree that is not changed. */
  public static NamedFlow parse(JsonNode json) {
    return only(read(json));
  }

  private static NamedFlow only(FlowFile file) {
    return switch (file) {
      case FlowFile.Flows(var flows) when flows.size() == 1 -> flows.getFirst();
      case FlowFile.Flows(var flows) ->
          throw new FlowFormatException(
              "One flow was expected, the file holds " + flows.size() + ": import it instead.");
      case FlowFile.Tool tool ->
          throw new FlowFormatException(
              "A flow was expected, the file holds the tool \"" + tool.name() + "\".");
    };
  }

  private static List<NamedFlow> sections(ObjectNode export) {
    var flows = new ArrayList<NamedFlow>();
    for (Section section : SECTIONS) {
      for (JsonNode row : export.path(section.name())) {
        if (row instanceof ObjectNode object && object.has("flowData")) {
          flows.add(named(object, section.type()));
        }
      }
    }
    return flows;
  }

  private static NamedFlow named(ObjectNode row, @Nullable FlowType section) {
    Flow flow = flow(row);
    FlowType type =
        FlowType.named(row.path("type").asString(""))
            .orElseGet(() -> section == null ? FlowType.of(flow) : section);
    JsonNode id = row.path("id");
    return new NamedFlow(
        id.isString() ? id.stringValue() : null, row.path("name").asString(""), type, flow, row);
  }

  private static Flow flow(ObjectNode row) {
    JsonNode data = row;
    JsonNode stored = row.get("flowData");
    if (stored != null) {
      data = stored.isString() ? tree(stored.stringValue(), "flowData") : stored;
    }
    if (!data.path("nodes").isArray()) {
      throw new FlowFormatException("The flow has no array \"nodes\".");
    }
    var nodes = new ArrayList<FlowNode>();
    for (JsonNode node : data.path("nodes")) {
      FlowNode read = NodeReader.read(node);
      if (!NodeReader.isNote(read)) {
        nodes.add(read);
      }
    }
    var edges = new ArrayList<FlowEdge>();
    for (JsonNode edge : data.path("edges")) {
      edges.add(
          new FlowEdge(
              edge.path("source").asString(""),
              edge.path("sourceHandle").asString(""),
              edge.path("target").asString("")));
    }
    return new Flow(nodes, edges);
  }

  private static FlowFile.Tool tool(ObjectNode tool) {
    JsonNode schema = tool.path("schema");
    return new FlowFile.Tool(
        tool.path("name").asString(""),
        tool.path("description").asString(""),
        schema.isString() ? tree(schema.stringValue(), "the tool's schema") : schema,
        tool.path("func").asString(""));
  }

  private static JsonNode tree(String text, String what) {
    try {
      return Json.read(text);
    } catch (JacksonException e) {
      throw new FlowFormatException(
          "Not valid JSON: " + what + ", " + e.getOriginalMessage() + ".", e);
    }
  }

  private static String kind(JsonNode json) {
    return json.getNodeType().name().toLowerCase(Locale.ROOT);
  }
}
