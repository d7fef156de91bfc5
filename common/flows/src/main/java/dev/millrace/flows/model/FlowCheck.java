package dev.millrace.flows.model;

import dev.millrace.flows.model.FlowProblem.Code;
import dev.millrace.flows.model.FlowProblem.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Tells what is wrong with an agentflow before anybody runs it, as data, in a stable order. Linear
 * in the size of the flow. Thread-safe.
 */
public final class FlowCheck {
  private static final String START = "startAgentflow";
  private static final int MOST_CONTAINERS = 100;

  private final Supported supported;

  /**
   * @param supported what can run
   */
  public FlowCheck(Supported supported) {
    this.supported = supported;
  }

  /** Returns what is wrong, an empty list when nothing is. */
  public List<FlowProblem> check(Flow flow) {
    return check(flow, FlowGraph.of(flow, null));
  }

  /** As {@link #check(Flow)}, with the graph of the flow's own canvas already at hand. */
  public List<FlowProblem> check(Flow flow, FlowGraph graph) {
    if (FlowType.of(flow) != FlowType.AGENTFLOW) {
      return List.of(
          error(
              Code.NOT_AN_AGENTFLOW,
              null,
              "This is no Agentflow V2 (none of its nodes is of category \"Agent Flows\"), and"
                  + " nothing else can run here: rebuild it as one."));
    }
    var problems = new ArrayList<FlowProblem>();
    starts(graph, problems);
    cycle(graph, problems);
    containers(flow, problems);
    nodes(flow, problems);
    edges(flow, problems);
    branches(graph, problems);
    return List.copyOf(problems);
  }

  private static void starts(FlowGraph graph, List<FlowProblem> problems) {
    var starts = graph.nodes().stream().filter(node -> node.name().equals(START)).toList();
    if (starts.isEmpty()) {
      problems.add(error(Code.NO_START, null, "The flow has no Start node: add one."));
    }
    if (starts.size() > 1) {
      String message = "The flow has several Start nodes: " + titles(starts) + ". Keep one.";
      problems.add(error(Code.SEVERAL_STARTS, starts.get(1), message));
    }
    for (FlowNode start : starts) {
      if (Json.isFalsy(start.inputs().get("startInputType"))) {
        String message = "Start node " + start.title() + " has no input type: choose one.";
        problems.add(error(Code.NO_INPUT_TYPE, start, message));
      }
    }
    var loose = new ArrayList<FlowNode>();
    for (int root : graph.roots()) {
      if (!graph.node(root).name().equals(START)) {
        loose.add(graph.node(root));
      }
    }
    if (!loose.isEmpty()) {
      problems.add(
          error(
              Code.SEVERAL_ROOTS,
              loose.getFirst(),
              "Multiple starting nodes: nothing leads to "
                  + titles(loose)
                  + ". Connect or delete what is not used."));
    }
  }

  /** What lies inside is looked at for each container, so there must not be too many. */
  private static void containers(Flow flow, List<FlowProblem> problems) {
    List<String> containers =
        flow.nodes().stream()
            .map(FlowNode::parentNode)
            .filter(Objects::nonNull)
            .distinct()
            .toList();
    if (containers.size() > MOST_CONTAINERS) {
      problems.add(
          error(
              Code.TOO_MANY_CONTAINERS,
              null,
              "The flow has "
                  + containers.size()
                  + " nodes with others inside them, and "
                  + MOST_CONTAINERS
                  + " is the limit: move some into flows of their own."));
      return;
    }
    containers.forEach(container -> cycle(FlowGraph.of(flow, container), problems));
  }

  private static void cycle(FlowGraph graph, List<FlowProblem> problems) {
    List<FlowNode> cycle = graph.cycle();
    if (!cycle.isEmpty()) {
      problems.add(
          error(
              Code.CYCLE,
              cycle.getFirst(),
              "The edges form a cycle, so none of these nodes can ever start: "
                  + cycle.stream().map(FlowNode::title).collect(Collectors.joining(" → "))
                  + ". Use a Loop node to go back."));
    }
  }

  private void nodes(Flow flow, List<FlowProblem> problems) {
    var ids = new HashSet<String>();
    var labels = new HashMap<String, FlowNode>();
    var components = new ComponentCheck(supported, problems);
    for (FlowNode node : flow.nodes()) {
      if (!ids.add(node.id())) {
        String message = "Two nodes have the id " + node.id() + ": delete one and add it anew.";
        problems.add(error(Code.DUPLICATE_NODE, node, message));
        continue;
      }
      if (!supported.nodes().contains(node.name())) {
        problems.add(warning(Code.UNKNOWN_NODE, node, unknown(node, supported.nodes())));
      }
      components.check(node);
      FlowNode twin = labels.putIfAbsent(node.label(), node);
      if (twin != null) {
        String message =
            "Nodes "
                + twin.title()
                + " and "
                + node.title()
                + " have the same label, so API"
                + " override permissions cannot tell them apart: rename one.";
        problems.add(warning(Code.DUPLICATE_LABEL, node, message));
      }
    }
    for (FlowNode node : flow.nodes()) {
      if (node.parentNode() != null && !ids.contains(node.parentNode())) {
        String message =
            node.title()
                + " stands in the container "
                + node.parentNode()
                + ", which does not"
                + " exist: move it out and in again.";
        problems.add(warning(Code.UNKNOWN_CONTAINER, node, message));
      }
      loopTarget(node, ids, problems);
    }
  }

  private static void loopTarget(FlowNode node, Set<String> ids, List<FlowProblem> problems) {
    String id = node.loopTarget();
    if (node.name().equals("loopAgentflow") && (id == null || !ids.contains(id))) {
      String message =
          "Loop node "
              + node.title()
              + " goes back to \""
              + node.inputs().path("loopBackToNode").asString("")
              + "\", which is not in the"
              + " flow: choose its target again.";
      problems.add(warning(Code.LOOP_TARGET, node, message));
    }
  }

  private static void edges(Flow flow, List<FlowProblem> problems) {
    var byId = new HashMap<String, FlowNode>();
    flow.nodes().forEach(node -> byId.putIfAbsent(node.id(), node));
    var seen = new HashSet<FlowEdge>();
    for (FlowEdge edge : flow.edges()) {
      FlowNode source = byId.get(edge.source());
      FlowNode target = byId.get(edge.target());
      String from = source == null ? edge.source() : source.title();
      String to = target == null ? edge.target() : target.title();
      String what = "The edge from " + from + " to " + to;
      if (source == null) {
        String message = what + " begins at a node that does not exist: delete it.";
        problems.add(error(Code.EDGE_FROM_NOWHERE, target, message));
      } else if (target == null) {
        String message = what + " ends at a node that does not exist: delete it.";
        problems.add(error(Code.EDGE_TO_NOWHERE, source, message));
      } else if (!seen.add(edge)) {
        String message = what + " is there twice: delete one, it counts once.";
        problems.add(warning(Code.DUPLICATE_EDGE, source, message));
      } else if (source.parentNode() != null
          && !source.parentNode().equals(target.parentNode())
          && !source.parentNode().equals(target.id())) {
        String message =
            what
                + " leaves a container: it is taken when the whole container is done. Draw it"
                + " from the container.";
        problems.add(warning(Code.EDGE_OUT_OF_CONTAINER, source, message));
      } else if (target.parentNode() != null
          && !target.parentNode().equals(source.parentNode())
          && !target.parentNode().equals(source.id())) {
        String message = what + " leads into a container: draw it to the container.";
        problems.add(warning(Code.EDGE_INTO_CONTAINER, target, message));
      }
    }
  }

  /** A branch without an edge ends the flow there with a blank answer. */
  private static void branches(FlowGraph graph, List<FlowProblem> problems) {
    for (int index = 0; index < graph.size(); index++) {
      FlowNode node = graph.node(index);
      var open = new TreeSet<Integer>();
      for (JsonNode anchor : node.data().path("outputAnchors")) {
        int branch = new FlowEdge(node.id(), anchor.path("id").asString(""), "").branch();
        if (branch >= 0) {
          open.add(branch);
        }
      }
      for (int link : graph.outgoing(index)) {
        open.remove(graph.link(link).branch());
      }
      if (!open.isEmpty()) {
        String message =
            "Outputs "
                + open
                + " of "
                + node.title()
                + " lead nowhere: when one of them is"
                + " chosen, the flow ends there with a blank answer.";
        problems.add(warning(Code.BRANCH_WITHOUT_EDGE, node, message));
      }
    }
  }

  /** Says that a node cannot run here, and what can. */
  public static String unknown(FlowNode node, Set<String> supported) {
    return "Node "
        + node.title()
        + " is of kind \""
        + node.name()
        + "\", which this server cannot run. Supported: "
        + String.join(", ", new TreeSet<>(supported))
        + ".";
  }

  private static String titles(List<FlowNode> nodes) {
    String first = nodes.stream().limit(5).map(FlowNode::title).collect(Collectors.joining(", "));
    return nodes.size() <= 5 ? first : first + " and " + (nodes.size() - 5) + " more";
  }

  private static FlowProblem error(Code code, @Nullable FlowNode node, String message) {
    return problem(code, Severity.ERROR, node, message);
  }

  private static FlowProblem warning(Code code, @Nullable FlowNode node, String message) {
    return problem(code, Severity.WARNING, node, message);
  }

  private static FlowProblem problem(
      Code code, Severity severity, @Nullable FlowNode node, String message) {
    String id = node == null ? null : node.id();
    return new FlowProblem(code, severity, id, node == null ? null : node.label(), message);
  }
}
