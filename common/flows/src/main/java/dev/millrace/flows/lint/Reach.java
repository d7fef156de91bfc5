package dev.millrace.flows.lint;

import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowEdge;
import dev.millrace.flows.model.FlowNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes can run before which: along edges, back along loops, and from a container to what is
 * inside it and on from there.
 */
final class Reach {
  private final Map<String, List<String>> before = new HashMap<>();
  private final Map<String, List<String>> drawn = new HashMap<>();
  private final Map<String, String> canvas = new HashMap<>();
  private final Set<String> sources = new HashSet<>();
  private final Map<String, Set<String>> earlier = new HashMap<>();

  Reach(Flow flow) {
    for (FlowNode node : flow.nodes()) {
      before.put(node.id(), new ArrayList<>());
      canvas.put(node.id(), node.parentNode() == null ? "" : node.parentNode());
    }
    for (FlowEdge edge : flow.edges()) {
      link(edge.source(), edge.target());
      drawn.computeIfAbsent(edge.target(), _ -> new ArrayList<>()).add(edge.source());
      sources.add(edge.source());
    }
    for (FlowNode node : flow.nodes()) {
      String target = node.loopTarget();
      if (target != null) {
        link(node.id(), target);
      }
      if (node.name().equals("loopAgentflow")) {
        sources.add(node.id());
      }
      if (node.parentNode() != null) {
        // What leads to the container leads to its inside; what is inside is done before it is.
        link(node.parentNode(), node.id());
        link(node.id(), node.parentNode());
      }
    }
  }

  private void link(String from, String to) {
    var list = before.get(to);
    if (list != null) {
      list.add(from);
    }
  }

  boolean knows(String id) {
    return before.containsKey(id);
  }

  /** Tells whether nothing follows a node on the flow's own canvas. */
  boolean isLast(FlowNode node) {
    return node.parentNode() == null && !sources.contains(node.id());
  }

  /** Tells whether one node can run before another. */
  boolean leads(String from, String to) {
    return earlier.computeIfAbsent(to, id -> everythingBefore(id, before)).contains(from);
  }

  /** Tells whether edges lead from one node to another on the same canvas. */
  boolean isAncestor(String from, String to) {
    return String.valueOf(canvas.get(from)).equals(canvas.get(to))
        && everythingBefore(to, drawn).contains(from);
  }

  private static Set<String> everythingBefore(String id, Map<String, List<String>> before) {
    var seen = new HashSet<String>();
    var open = new ArrayDeque<>(before.getOrDefault(id, List.of()));
    while (!open.isEmpty()) {
      String next = open.remove();
      if (seen.add(next)) {
        open.addAll(before.getOrDefault(next, List.of()));
      }
    }
    return seen;
  }
}
