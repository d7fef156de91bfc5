package dev.millrace.flows.engine;

import dev.millrace.flows.expression.InputTemplates;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowCheck;
import dev.millrace.flows.model.FlowGraph;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.FlowProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A flow made ready to run: checked, its graph laid out, its templates taken apart. Immutable, so
 * one serves any number of runs at once.
 */
final class CompiledFlow {
  /**
   * A node made ready.
   *
   * @param index its place in the graph
   * @param runner what runs it, null when nothing does
   * @param last whether nothing follows it, so that it may stream its answer
   */
  record Step(
      int index, FlowNode node, @Nullable NodeRunner runner, InputTemplates inputs, boolean last) {}

  private final FlowGraph graph;
  private final List<Step> steps;
  private final List<FlowProblem> problems;
  private final int[][] readers;
  private final int[] rank;

  private CompiledFlow(FlowGraph graph, List<Step> steps, List<FlowProblem> problems, int[] rank) {
    this.graph = graph;
    this.steps = List.copyOf(steps);
    this.problems = problems;
    this.rank = rank;
    this.readers = readers(graph, steps, rank);
  }

  static CompiledFlow of(Flow flow, NodeCatalog catalog) {
    FlowGraph graph = FlowGraph.of(flow, null);
    var steps = new ArrayList<Step>();
    for (int index = 0; index < graph.size(); index++) {
      FlowNode node = graph.node(index);
      boolean last = graph.outgoing(index).length == 0;
      var inputs = InputTemplates.of(node);
      steps.add(new Step(index, node, catalog.runner(node.name()), inputs, last));
    }
    var problems = new FlowCheck(catalog.supported()).check(flow, graph);
    var rank = new int[graph.size()];
    Arrays.fill(rank, Integer.MAX_VALUE);
    int[] order = graph.order();
    for (int place = 0; place < order.length; place++) {
      rank[order[place]] = place;
    }
    return new CompiledFlow(graph, steps, problems, rank);
  }

  FlowGraph graph() {
    return graph;
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

  /** Returns why the flow cannot run at all, null when it can. */
  @Nullable String obstacle() {
    String errors =
        problems.stream()
            .filter(problem -> problem.severity() == FlowProblem.Severity.ERROR)
            .map(FlowProblem::message)
            .collect(Collectors.joining(" "));
    return errors.isEmpty() ? null : errors;
  }

  /**
   * A node may refer to one on a sibling branch. One at a time the sibling would have run before
   * it; side by side it has to wait. The order of the graph keeps such waits free of cycles.
   */
  private static int[][] readers(FlowGraph graph, List<Step> steps, int[] rank) {
    var readers = new ArrayList<List<Integer>>();
    for (int index = 0; index < graph.size(); index++) {
      readers.add(new ArrayList<>(0));
    }
    for (Step step : steps) {
      for (String id : step.inputs().nodeIds()) {
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
}
