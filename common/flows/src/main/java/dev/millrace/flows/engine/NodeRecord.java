package dev.millrace.flows.engine;

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
}
