package dev.millrace.flows.engine;

import dev.millrace.flows.expression.InputTemplates;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowGraph;
import dev.millrace.flows.model.FlowNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a flow, or of the inside of a container, made ready to run: their graph laid out,
 * their templates taken apart. Immutable, so one serves any number of runs at once.
 */
final class Canvas {
  /**
   * A node made ready.
   *
   * @param index its place in the graph
   * @param runner what runs it, null when nothing does
   * @param last whether nothing follows it, so that it may stream its answer
   * @param policy what is to happen when it fails or takes too long
   * @param inside the nodes drawn inside it, null when there are none
   */
  record Step(
      int index,
      FlowNode node,
      @Nullable NodeRunner runner,
      InputTemplates inputs,
      boolean last,
      NodePolicy policy,
      @Nullable Canvas inside) {}

  private final FlowGraph graph;
  private final List<Step> steps;
  private final int[][] readers;
  private final int[] rank;
  private final Set<String> references;
  private final Loops loops;

  private Canvas(FlowGraph graph, List<Step> steps) {
    this.graph = graph;
    this.steps = List.copyOf(steps);
    this.rank = new int[graph.size()];
    Arrays.fill(rank, Integer.MAX_VALUE);
    int[] order = graph.order();
    for (int place = 0; place < order.length; place++) {
      rank[order[place]] = place;
    }
    this.references = new LinkedHashSet<>();
    steps.forEach(step -> references.addAll(references(step)));
    this.readers = readers();
    this.loops = new Loops(this, steps.stream().map(Canvas::references).toList());
  }

  /**
   * Lays out a canvas and all that is drawn inside its nodes.
   *
   * @param graph of the canvas
   * @param containers the ids of nodes that have others drawn inside them
   */
  static Canvas of(Flow flow, FlowGraph graph, Set<String> containers, NodeCatalog catalog) {
    return of(flow, graph, containers, catalog, true);
  }

  private static Canvas of(
      Flow flow, FlowGraph graph, Set<String> containers, NodeCatalog catalog, boolean top) {
    var steps = new ArrayList<Step>();
    for (int index = 0; index < graph.size(); index++) {
      FlowNode node = graph.node(index);
      // A container lies on one canvas only, so this ends.
      Canvas inside =
          containers.contains(node.id())
              ? of(flow, FlowGraph.of(flow, node.id()), containers, catalog, false)
              : null;
      steps.add(
          new Step(
              index,
              node,
              catalog.runner(node.name()),
              InputTemplates.of(node),
              top && graph.outgoing(index).length == 0,
              NodePolicy.of(node),
              inside));
    }
    return new Canvas(graph, steps);
  }

  FlowGraph graph() {
    return graph;
  }

  int size() {
    return graph.size();
  }

  Step step(int index) {
    return steps.get(index);
  }

  /** Returns the nodes whose inputs refer to this one's output, so that they wait for it. */
  int[] readers(int index) {
    return readers[index];
  }

  /** Returns a node's place in the order of {@link FlowGraph#order}. */
  int rank(int index) {
    return rank[index];
  }

  /** Tells whether, one node at a time, the first node would run before the second. */
  boolean runsBefore(int first, int second) {
    return rank[first] < rank[second];
  }

  /** Returns what its Loop nodes can make run again. */
  Loops loops() {
    return loops;
  }

  /** Returns a node and all that can be reached from it. */
  BitSet reach(int node) {
    return walk(node, at -> Arrays.stream(graph.outgoing(at)).map(link -> graph.link(link).to()));
  }

  /** Returns a node and all from which it can be reached. */
  BitSet origins(int node) {
    return walk(node, at -> Arrays.stream(graph.incoming(at)).map(link -> graph.link(link).from()));
  }

  private BitSet walk(int from, IntFunction<IntStream> next) {
    var seen = new BitSet(size());
    var queue = new ArrayDeque<Integer>(List.of(from));
    seen.set(from);
    for (Integer at = queue.poll(); at != null; at = queue.poll()) {
      next.apply(at)
          .filter(node -> !seen.get(node))
          .forEach(node -> {
            seen.set(node);
            queue.add(node);
          });
    }
    return seen;
  }

  private static Set<String> references(Step step) {
    var ids = new LinkedHashSet<>(step.inputs().nodeIds());
    if (step.inside() != null) {
      ids.addAll(step.inside().references);
    }
    return ids;
  }

  /**
   * A node may refer to one on a sibling branch. One at a time the sibling would have run before
   * it; side by side it has to wait. The order of the graph keeps such waits free of cycles.
   */
  private int[][] readers() {
    var readers = new ArrayList<List<Integer>>();
    for (int index = 0; index < graph.size(); index++) {
      readers.add(new ArrayList<>(0));
    }
    for (Step step : steps) {
      for (String id : references(step)) {
        int source = graph.indexOf(id);
        if (source >= 0 && rank[source] < rank[step.index()]) {
          readers.get(source).add(step.index());
        }
      }
    }
    return readers.stream()
        .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
        .toArray(int[][]::new);
  }

  /** Returns why a run came to a halt before these nodes, null when there are none. */
  @Nullable String halt(List<Integer> stalled) {
    if (stalled.isEmpty()) {
      return null;
    }
    return "The flow came to a halt: these nodes were reached but never got everything they wait"
        + " for: "
        + stalled.stream().map(node -> graph.node(node).title()).collect(Collectors.joining(", "))
        + ". Check the edges and references into them.";
  }
}
