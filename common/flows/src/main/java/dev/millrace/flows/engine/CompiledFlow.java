package dev.millrace.flows.engine;

import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowCheck;
import dev.millrace.flows.model.FlowGraph;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.FlowProblem;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A flow made ready to run: checked and laid out. Immutable. */
final class CompiledFlow {
  private final Canvas canvas;
  private final List<FlowProblem> problems;

  private CompiledFlow(Canvas canvas, List<FlowProblem> problems) {
    this.canvas = canvas;
    this.problems = problems;
  }

  static CompiledFlow of(Flow flow, NodeCatalog catalog) {
    FlowGraph graph = FlowGraph.of(flow, null);
    var problems = new FlowCheck(catalog.supported()).check(flow, graph);
    boolean sound =
        problems.stream().noneMatch(problem -> problem.severity() == FlowProblem.Severity.ERROR);
    // What cannot run is not looked into: it may be drawn so that that would never end.
    Set<String> containers =
        sound
            ? flow.nodes().stream()
                .map(FlowNode::parentNode)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet())
            : Set.of();
    return new CompiledFlow(Canvas.of(flow, graph, containers, catalog), problems);
  }

  Canvas canvas() {
    return canvas;
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
}
