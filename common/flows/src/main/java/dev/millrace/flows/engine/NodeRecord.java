package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one execution of one node left behind; an element of {@code agentFlowExecutedData}.
 *
 * @param nodeId the node, e.g. {@code llmAgentflow_0}
 * @param nodeLabel its label on the canvas
 * @param data {@code id, name, input, output, state, chatHistory?}, or {@code error} on failure
 * @param previousNodeIds the nodes by whose edges it was reached
 * @param status how it ended
 */
public record NodeRecord(
    String nodeId,
    String nodeLabel,
    ObjectNode data,
    List<String> previousNodeIds,
    RunStatus status) {
  public NodeRecord {
    previousNodeIds = List.copyOf(previousNodeIds);
  }

  /** Returns it as an element of {@code agentFlowExecutedData}; shares its data. */
  public ObjectNode toJson() {
    var json = Json.object().put("nodeId", nodeId).put("nodeLabel", nodeLabel);
    var previous = Json.array();
    previousNodeIds.forEach(previous::add);
    // Flowise writes the members of failures in another order.
    if (data.has("error")) {
      json.set("previousNodeIds", previous);
      json.set("data", data);
    } else {
      json.set("data", data);
      json.set("previousNodeIds", previous);
    }
    return json.put("status", status.name());
  }
}
