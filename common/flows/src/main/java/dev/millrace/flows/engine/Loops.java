package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowGraph;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** What the Loop nodes of a canvas can make run again, as far as their settings tell. Immutable. */
final class Loops {
  private final List<Set<String>> references; // by node
  private final FlowGraph graph;
  private final BitSet touched = new BitSet();
  private final BitSet besides = new BitSet();

  /**
   * @param references the ids to which each node refers
   */
  Loops(Canvas canvas, List<Set<String>> references) {
    this.graph = canvas.graph();
    this.references = references;
    for (int loop = 0; loop < canvas.size(); loop++) {
      String chosen = graph.node(loop).loopTarget();
      int target = chosen == null ? -1 : graph.indexOf(chosen);
      if (target >= 0) {
        BitSet region = canvas.reach(target);
        touched.or(touchedBy(loop, region));
        BitSet side = (BitSet) region.clone();
        side.andNot(canvas.origins(loop));
        besides.or(side);
      }
    }
  }

  /** Returns the nodes whose executions any loop can change; not to be changed. */
  BitSet touched() {
    return touched;
  }

  /**
   * Returns the nodes whose executions one loop can change: itself, what runs again, and what reads
   * what that puts out.
   */
  BitSet touchedBy(int loop, BitSet region) {
    BitSet all = (BitSet) region.clone();
    all.set(loop);
    for (int reader = 0; reader < references.size(); reader++) {
      if (references.get(reader).stream()
          .map(graph::indexOf)
          .anyMatch(at -> at >= 0 && region.get(at))) {
        all.set(reader);
      }
    }
    return all;
  }

  /** Tells whether a loop that a node does not lead to can make it run again. */
  boolean isBeside(int node) {
    return besides.get(node);
  }
}
