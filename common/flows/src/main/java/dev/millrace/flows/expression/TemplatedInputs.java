package dev.millrace.flows.expression;

import dev.millrace.flows.model.FlowNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Knows which inputs of a node are templates: the exported parameters say so; for flows written by
 * hand, without parameters, a table stands in.
 */
final class TemplatedInputs {
  private static final Map<String, Set<String>> OF_NODES =
      Map.ofEntries(
          Map.entry("startAgentflow", Set.of("webhookDefaultInput")),
          Map.entry(
              "llmAgentflow",
              Set.of("llmMessages", "llmUserMessage", "llmStructuredOutput", "llmUpdateState")),
          Map.entry(
              "agentAgentflow",
              Set.of(
                  "agentMessages",
                  "agentUserMessage",
                  "agentStructuredOutput",
                  "agentUpdateState")),
          Map.entry("toolAgentflow", Set.of("toolInputArgs", "toolUpdateState")),
          Map.entry("retrieverAgentflow", Set.of("retrieverQuery", "retrieverUpdateState")),
          Map.entry("conditionAgentflow", Set.of("conditions")),
          Map.entry(
              "conditionAgentAgentflow",
              Set.of(
                  "conditionAgentInstructions",
                  "conditionAgentInput",
                  "conditionAgentSystemPrompt")),
          Map.entry(
              "humanInputAgentflow", Set.of("humanInputDescription", "humanInputModelPrompt")),
          Map.entry("loopAgentflow", Set.of("fallbackMessage", "loopUpdateState")),
          Map.entry("iterationAgentflow", Set.of("iterationInput")),
          Map.entry("httpAgentflow", Set.of("url", "headers", "queryParams", "body")),
          Map.entry("directReplyAgentflow", Set.of("directReplyMessage")),
          Map.entry(
              "customFunctionAgentflow",
              Set.of("customFunctionInputVariables", "customFunctionUpdateState")),
          Map.entry(
              "executeFlowAgentflow",
              Set.of("executeFlowInput", "executeFlowOverrideConfig", "executeFlowUpdateState")));

  /** The templates among the inputs of components that a node may nest, by component. */
  private static final Map<String, Set<String>> OF_COMPONENTS =
      Map.of(
          "requestsGet", Set.of("requestsGetUrl", "requestsGetHeaders"),
          "requestsPost", Set.of("requestsPostUrl", "requestsPostHeaders", "requestPostBody"),
          "requestsPut", Set.of("requestsPutUrl", "requestsPutHeaders", "requestPutBody"),
          "requestsDelete", Set.of("requestsDeleteUrl", "requestsDeleteHeaders"),
          "ChatflowTool", Set.of("overrideConfig"),
          "agentAsTool", Set.of("overrideConfig"),
          "retrieverTool", Set.of("retrieverToolMetadataFilter"),
          "postgres", Set.of("pgMetadataFilter"),
          "qdrant", Set.of("qdrantFilter"));

  private TemplatedInputs() {}

  /** Returns the names of a node's inputs that are templates. */
  static Set<String> of(FlowNode node) {
    JsonNode params = node.data().path("inputParams");
    if (!params.isArray() || params.isEmpty()) {
      return OF_NODES.getOrDefault(node.name(), Set.of());
    }
    var names = new HashSet<String>();
    var seen = new HashSet<String>();
    for (JsonNode param : params) {
      String name = param.path("name").asString("");
      // A name may occur twice, e.g. HTTP's body as text and as array; the first one counts.
      if (seen.add(name) && param.path("acceptVariable").asBoolean(false)) {
        names.add(name);
      }
    }
    return names;
  }

  /** Returns the names of a nested component's inputs that are templates. */
  static Set<String> ofComponent(String component) {
    return OF_COMPONENTS.getOrDefault(component, Set.of());
  }
}
