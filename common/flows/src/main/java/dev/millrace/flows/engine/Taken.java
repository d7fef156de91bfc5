package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowEdge;
import dev.millrace.flows.model.FlowGraph.Link;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which outputs of a node were taken.
 *
 * @param outputs for each of its numbered outputs whether it was chosen, null when it has only one
 * @param error whether its error output was taken, and none of the others
 */
record Taken(@Nullable List<Boolean> outputs, boolean error) {
  /** Every edge, but not those for errors. */
  static final Taken ALL = new Taken(null, false);

  /** Only the edges for errors. */
  static final Taken ERROR = new Taken(null, true);

  static Taken of(List<Boolean> outputs) {
    return new Taken(outputs, false);
  }

  boolean takes(Link link) {
    if (error || link.branch() == FlowEdge.ERROR) {
      return error && link.branch() == FlowEdge.ERROR;
    }
    return outputs == null
        || (link.branch() >= 0 && link.branch() < outputs.size() && outputs.get(link.branch()));
  }
}
