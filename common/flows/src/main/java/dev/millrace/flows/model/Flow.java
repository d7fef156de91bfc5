package dev.millrace.flows.model;

import java.util.List;

/**
 * A flow as drawn: its nodes and edges, with everything of the file that runs do not need left out.
 */
public record Flow(List<FlowNode> nodes, List<FlowEdge> edges) {
  public Flow {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }
}
