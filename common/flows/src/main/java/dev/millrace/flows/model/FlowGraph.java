package dev.millrace.flows.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of one canvas (the flow's, or a container's inside) and the edges between them, by
 * index. Edges to nowhere and repeated edges are left out; an edge that crosses the border of a
 * container counts as one of the container itself. Immutable; everything is linear in the number of
 * nodes and edges.
 */
public final class FlowGraph {
  /**
   * An edge between two nodes.
   *
   * @param from index of the source
   * @param to index of the target
   * @param branch the output it leaves by, -1 when the source has only one
   */
  public record Link(int from, int to, int branch) {}

  private static final int[] NONE = {};

  private final List<FlowNode> nodes;
  private final Map<String, Integer> indexes;
  private final List<Link> links;
  private final int[][] incoming;
  private final int[][] outgoing;
  private final int[] order;

  private FlowGraph(List<FlowNode> nodes, Map<String, Integer> indexes, List<Link> links) {
    this.nodes = List.copyOf(nodes);
    this.indexes = Map.copyOf(indexes);
    this.links = List.copyOf(links);
    this.incoming = grouped(false);
    this.outgoing = grouped(true);
    this.order = sorted();
  }

  /**
   * Returns the graph of a canvas.
   *
   * @param container the node whose inside it is, or null for the flow's own canvas
   */
  public static FlowGraph of(Flow flow, @Nullable String container) {
    var parents = new HashMap<String, @Nullable String>();
    flow.nodes().forEach(node -> parents.putIfAbsent(node.id(), node.parentNode()));
    var nodes = new ArrayList<FlowNode>();
    var indexes = new HashMap<String, Integer>();
    for (FlowNode node : flow.nodes()) {
      if (Objects.equals(canvas(node.parentNode(), parents), container)
          && indexes.putIfAbsent(node.id(), nodes.size()) == null) {
        nodes.add(node);
      }
    }
    var seen = new HashSet<FlowEdge>();
    var links = new ArrayList<Link>();
    for (FlowEdge edge : flow.edges()) {
      Integer from = lifted(edge.source(), indexes, parents);
      Integer to = lifted(edge.target(), indexes, parents);
      boolean inside = from != null && from.equals(to) && !edge.source().equals(edge.target());
      if (from != null && to != null && !inside && seen.add(edge)) {
        boolean own = nodes.get(from).id().equals(edge.source());
        links.add(new Link(from, to, own ? edge.branch() : -1));
      }
    }
    return new FlowGraph(nodes, indexes, links);
  }

  /** A node whose container does not exist stands on the flow's own canvas. */
  private static @Nullable String canvas(
      @Nullable String parent, Map<String, @Nullable String> parents) {
    return parent != null && parents.containsKey(parent) ? parent : null;
  }

  /** Returns the node of this canvas that is, or at some depth contains, the given one. */
  private static @Nullable Integer lifted(
      String id, Map<String, Integer> indexes, Map<String, @Nullable String> parents) {
    String at = id;
    for (int depth = 0; at != null && depth <= parents.size(); depth++) {
      Integer index = indexes.get(at);
      if (index != null) {
        return index;
      }
      at = parents.get(at);
    }
    return null;
  }

  public int size() {
    return nodes.size();
  }

  public FlowNode node(int index) {
    return nodes.get(index);
  }

  public List<FlowNode> nodes() {
    return nodes;
  }

  /** Returns the index of a node, or -1 when it is not on this canvas. */
  public int indexOf(String id) {
    return indexes.getOrDefault(id, -1);
  }

  public int linkCount() {
    return links.size();
  }

  public Link link(int index) {
    return links.get(index);
  }

  /** Returns the indexes of the links into a node, in the order of the file; not to be changed. */
  public int[] incoming(int node) {
    return incoming[node];
  }

  /**
   * Returns the indexes of the links out of a node, in the order of the file; not to be changed.
   */
  public int[] outgoing(int node) {
    return outgoing[node];
  }

  /** Returns the nodes without incoming links, in the order of the file. */
  public int[] roots() {
    return IntStream.range(0, size()).filter(node -> incoming[node].length == 0).toArray();
  }

  /**
   * Returns the nodes in the order in which they run one at a time when every branch is taken;
   * those on a cycle, or behind one, are missing. Not to be changed.
   */
  public int[] order() {
    return order;
  }

  /** Returns the nodes of one cycle in the order of its edges, an empty list when there is none. */
  public List<FlowNode> cycle() {
    if (order.length == size()) {
      return List.of();
    }
    var open = new boolean[size()];
    Arrays.fill(open, true);
    for (int node : order) {
      open[node] = false;
    }
    int at = 0;
    while (!open[at]) {
      at++;
    }
    // Every open node has an open predecessor, so walking back must come to a node twice.
    var steps = new ArrayList<Integer>();
    var step = new HashMap<Integer, Integer>();
    while (step.putIfAbsent(at, steps.size()) == null) {
      steps.add(at);
      at = openSource(at, open);
    }
    List<Integer> cycle = steps.subList(Objects.requireNonNull(step.get(at)), steps.size());
    Collections.reverse(cycle);
    Collections.rotate(cycle, -cycle.indexOf(Collections.min(cycle)));
    return cycle.stream().map(nodes::get).toList();
  }

  private int openSource(int node, boolean[] open) {
    for (int link : incoming[node]) {
      int source = links.get(link).from();
      if (open[source]) {
        return source;
      }
    }
    throw new IllegalStateException("node " + nodes.get(node).title() + " was sorted too late");
  }

  private int[][] grouped(boolean bySource) {
    var counts = new int[nodes.size()];
    for (Link link : links) {
      counts[bySource ? link.from() : link.to()]++;
    }
    var groups = new int[nodes.size()][];
    for (int node = 0; node < groups.length; node++) {
      groups[node] = counts[node] == 0 ? NONE : new int[counts[node]];
    }
    Arrays.fill(counts, 0);
    for (int index = 0; index < links.size(); index++) {
      int node = bySource ? links.get(index).from() : links.get(index).to();
      groups[node][counts[node]++] = index;
    }
    return groups;
  }

  private int[] sorted() {
    var missing = new int[size()];
    var queue = new ArrayDeque<Integer>();
    for (int node = 0; node < size(); node++) {
      missing[node] = incoming[node].length;
      if (missing[node] == 0) {
        queue.add(node);
      }
    }
    var sorted = new int[size()];
    int count = 0;
    for (Integer node = queue.poll(); node != null; node = queue.poll()) {
      sorted[count++] = node;
      for (int link : outgoing[node]) {
        int target = links.get(link).to();
        if (--missing[target] == 0) {
          queue.add(target);
        }
      }
    }
    return Arrays.copyOf(sorted, count);
  }
}
