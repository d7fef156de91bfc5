package dev.millrace.flows.fakes;

import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowEdge;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Draws a flow in a few lines; begins with a Start node for chat input. */
public final class FlowDraft {
  private final List<FlowNode> nodes = new ArrayList<>();
  private final List<FlowEdge> edges = new ArrayList<>();

  /** Returns a draft whose Start node has these inputs besides its type. */
  public static FlowDraft start(String inputs) {
    return new FlowDraft().node("startAgentflow_0", "Start", inputs);
  }

  public static FlowDraft start() {
    return start("{}");
  }

  /** Adds a node; a Start node without a type takes chat input. */
  public FlowDraft node(String id, String label, String inputs) {
    String name = id.substring(0, id.lastIndexOf('_'));
    ObjectNode values = (ObjectNode) Json.read(inputs);
    if (name.equals("startAgentflow") && !values.has("startInputType")) {
      values.put("startInputType", "chatInput");
    }
    ObjectNode data = Json.object().put("category", "Agent Flows");
    data.set("inputs", values);
    nodes.add(new FlowNode(id, name, label, data));
    return this;
  }

  /** Adds a node with an edge from the one before it. */
  public FlowDraft then(String id, String label, String inputs) {
    String before = nodes.getLast().id();
    return node(id, label, inputs).edge(before, id);
  }

  public FlowDraft edge(String from, String to) {
    edges.add(new FlowEdge(from, from + "-output-" + from, to));
    return this;
  }

  /** Adds an edge from one of several outputs, a number or {@code error}. */
  public FlowDraft branch(String from, String output, String to) {
    edges.add(new FlowEdge(from, from + "-output-" + output, to));
    return this;
  }

  /** Draws the node added last inside another. */
  public FlowDraft in(String container) {
    FlowNode node = nodes.removeLast();
    nodes.add(new FlowNode(node.id(), node.name(), node.label(), node.data(), container));
    return this;
  }

  /** Sets the credential of the node added last. */
  public FlowDraft credential(String id) {
    nodes.getLast().data().put("credential", id);
    return this;
  }

  public Flow flow() {
    return new Flow(nodes, edges);
  }

  public TestRun run() {
    return TestRun.of(flow());
  }
}
