package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ToolSpec;
import dev.millrace.flows.retrieval.Retrievers;
import dev.millrace.flows.tools.KnowledgeTool;
import dev.millrace.flows.tools.Tool;
import dev.millrace.flows.tools.Toolbox;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The tools of one execution of an agent, by the names under which its model knows them. */
final class AgentTools implements AutoCloseable {
  /**
   * A tool and where it is from.
   *
   * @param component the place among the node's components; a toolkit's tools share one
   * @param label of the component
   * @param kind of the component
   * @param approval whether a human has to agree to every call
   */
  record Entry(
      Tool tool, ToolSpec spec, int component, String label, String kind, boolean approval) {}

  private static final Map<String, String> BUILT_IN =
      Map.of(
          "chatOpenAI", "ToolsBuiltInOpenAI",
          "chatGoogleGenerativeAI", "ToolsBuiltInGemini",
          "chatAnthropic", "ToolsBuiltInAnthropic");

  private final Map<String, Entry> byName = new LinkedHashMap<>();
  private final List<Toolbox.Tools> opened = new ArrayList<>();
  private final List<String> builtIn = new ArrayList<>();
  private int components;

  private AgentTools() {}

  /** Opens the tools that a node names; to be closed when the node is done. */
  static AgentTools open(
      ModelInputs inputs, Toolbox toolbox, Retrievers retrievers, NodeContext context) {
    var tools = new AgentTools();
    try {
      tools.builtIn(inputs);
      for (ObjectNode row : inputs.rows("Tools")) {
        tools.component(row, inputs.name("Tools"), toolbox, context);
      }
      for (ObjectNode row : inputs.rows("KnowledgeDocumentStores")) {
        tools.documents(row, retrievers, context);
      }
      for (ObjectNode row : inputs.rows("KnowledgeVSEmbeddings")) {
        tools.vectors(row, inputs.name("KnowledgeVSEmbeddings"), retrievers, context);
      }
      return tools;
    } catch (RuntimeException e) {
      tools.close();
      throw e;
    }
  }

  /** Returns what the model is offered, in order. */
  List<ToolSpec> specs(Set<Integer> without) {
    return byName.values().stream()
        .filter(entry -> !without.contains(entry.component()))
        .map(Entry::spec)
        .toList();
  }

  /** Returns the tool of a name, null when there is none. */
  @Nullable Entry find(String name) {
    return byName.get(name);
  }

  /** Returns the tools of the provider itself that the model may use. */
  List<String> builtIn() {
    return builtIn;
  }

  Set<String> names() {
    return byName.keySet();
  }

  /** Returns {@code availableTools} of the record. */
  ArrayNode described() {
    var described = Json.array();
    for (Entry entry : byName.values()) {
      ObjectNode tool = Json.object();
      tool.put("name", entry.spec().name()).put("description", entry.spec().description());
      tool.set("schema", entry.spec().parameters());
      tool.set("toolNode", Json.object().put("label", entry.label()).put("name", entry.kind()));
      described.add(tool);
    }
    return described;
  }

  @Override
  public void close() {
    opened.forEach(Toolbox.Tools::close);
  }

  private void builtIn(ModelInputs inputs) {
    String name = BUILT_IN.get(inputs.model());
    if (name != null) {
      JsonNode given = inputs.values().path(inputs.name(name));
      given = given.isString() ? Json.readOrMissing(given.stringValue()) : given;
      given.forEach(tool -> builtIn.add(tool.asString("")));
    }
  }

  private void component(ObjectNode row, String parameter, Toolbox toolbox, NodeContext context) {
    String kind = row.path("agentSelectedTool").asString("");
    if (kind.isEmpty()) {
      return; // a row that was added and never filled in
    }
    JsonNode config = row.path("agentSelectedToolConfig");
    ObjectNode settings = config instanceof ObjectNode object ? object : Json.object();
    String place = parameter + "[" + components + "]";
    Toolbox.Tools made = toolbox.make(kind, settings, place, context);
    opened.add(made);
    JsonNode approval = row.path("agentSelectedToolRequiresHumanInput");
    boolean asks = approval.asString("").equals("true") || approval.asBoolean(false);
    made.list().forEach(tool -> add(tool, kind, kind, asks));
    components++;
  }

  private void documents(ObjectNode row, Retrievers retrievers, NodeContext context) {
    String reference = row.path("documentStore").asString("");
    if (reference.isEmpty()) {
      return;
    }
    String name = retrievers.documents(reference, context).name();
    var tool =
        new KnowledgeTool(
            name,
            row.path("docStoreDescription").asString(""),
            tellsSources(row),
            retrievers.ofDocuments(reference, context));
    add(tool, name, "documentStore", false);
    components++;
  }

  private void vectors(
      ObjectNode row, String parameter, Retrievers retrievers, NodeContext context) {
    String name = row.path("knowledgeName").asString("");
    var tool =
        new KnowledgeTool(
            name.isEmpty() ? "knowledge" : name,
            row.path("knowledgeDescription").asString(""),
            tellsSources(row),
            retrievers.ofVectors(row, parameter, context));
    add(tool, name, row.path("vectorStore").asString(""), false);
    components++;
  }

  private static boolean tellsSources(ObjectNode row) {
    JsonNode flag = row.path("returnSourceDocuments");
    return flag.asString("").equals("true") || flag.asBoolean(false);
  }

  /** Providers refuse two functions of one name. */
  private void add(Tool tool, String label, String kind, boolean approval) {
    ToolSpec spec = tool.spec();
    String name = spec.name();
    for (int number = 2; byName.containsKey(name); number++) {
      name = spec.name() + "_" + number;
    }
    var named = new ToolSpec(name, spec.description(), spec.parameters());
    byName.put(name, new Entry(tool, named, components, label, kind, approval));
  }
}
