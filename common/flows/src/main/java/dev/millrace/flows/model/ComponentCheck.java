package dev.millrace.flows.model;

import dev.millrace.flows.model.FlowProblem.Code;
import dev.millrace.flows.model.FlowProblem.Severity;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Finds the models, tools and stores that nodes choose and that cannot be used here. */
final class ComponentCheck {
  /** The inputs that choose a model, by the kind of node. */
  private static final Map<String, String> MODELS =
      Map.of(
          "llmAgentflow", "llmModel",
          "agentAgentflow", "agentModel",
          "conditionAgentAgentflow", "conditionAgentModel",
          "humanInputAgentflow", "humanInputModel");

  private final Supported supported;
  private final List<FlowProblem> problems;

  /**
   * @param problems is added to
   */
  ComponentCheck(Supported supported, List<FlowProblem> problems) {
    this.supported = supported;
    this.problems = problems;
  }

  void check(FlowNode node) {
    JsonNode inputs = node.inputs();
    String model = MODELS.get(node.name());
    if (model != null) {
      component(Code.UNKNOWN_MODEL, "model", node, model, inputs.path(model), supported.models());
      String other = "fallbackModel";
      component(Code.UNKNOWN_MODEL, "model", node, other, inputs.path(other), supported.models());
    }
    switch (node.name()) {
      case "agentAgentflow" -> {
        inputs
            .path("agentTools")
            .forEach(row -> tool(node, "agentTools", row, "agentSelectedTool"));
        inputs.path("agentKnowledgeVSEmbeddings").forEach(row -> knowledge(node, row));
      }
      case "toolAgentflow" -> {
        tool(node, "toolAgentflowSelectedTool", inputs, "toolAgentflowSelectedTool");
        tool(node, "selectedTool", inputs, "selectedTool");
      }
      default -> {
        // Nothing to choose.
      }
    }
  }

  private void tool(FlowNode node, String parameter, JsonNode holder, String member) {
    JsonNode kind = holder.path(member);
    component(Code.UNKNOWN_TOOL, "tool", node, parameter, kind, supported.tools());
  }

  private void knowledge(FlowNode node, JsonNode row) {
    String parameter = "agentKnowledgeVSEmbeddings";
    JsonNode store = row.path("vectorStore");
    component(Code.UNKNOWN_STORE, "vector store", node, parameter, store, supported.vectorStores());
    JsonNode model = row.path("embeddingModel");
    component(
        Code.UNKNOWN_MODEL, "embedding model", node, parameter, model, supported.embeddings());
  }

  private void component(
      Code code, String what, FlowNode node, String parameter, JsonNode kind, Set<String> known) {
    String name = kind.asString("");
    if (name.isEmpty() || known.contains(name)) {
      return;
    }
    String message =
        node.title()
            + " uses the "
            + what
            + " \""
            + name
            + "\" ("
            + parameter
            + "), which this server has not: a run fails there. It has "
            + String.join(", ", new TreeSet<>(known))
            + ".";
    problems.add(new FlowProblem(code, Severity.WARNING, node.id(), node.label(), message));
  }
}
