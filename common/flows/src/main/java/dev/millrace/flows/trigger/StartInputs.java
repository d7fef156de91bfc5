package dev.millrace.flows.trigger;

import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.NodeInputs;
import java.util.Optional;

/** Finds the Start node of a flow. */
final class StartInputs {
  private StartInputs() {}

  /** Returns the Start node, if it begins with the given input type. */
  static Optional<FlowNode> of(Flow flow, String inputType) {
    return flow.nodes().stream()
        .filter(node -> node.name().equals("startAgentflow"))
        .findFirst()
        .filter(
            node -> new NodeInputs(node.inputs()).text("startInputType").trim().equals(inputType));
  }
}
