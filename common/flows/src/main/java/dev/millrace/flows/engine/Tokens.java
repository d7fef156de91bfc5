package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowGraph;
import dev.millrace.flows.model.FlowGraph.Link;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Knows which nodes may run: a token travels along every edge that is taken, and a blank along
 * every one that is not. A node runs once, when each edge into it has brought one or the other and
 * at least one brought a token; when all brought blanks it is skipped, and passes blanks on.
 *
 * <p>So a join waits for exactly those branches that can still reach it. Not thread-safe.
 */
final class Tokens {
  private enum Mark {
    WAITING,
    RUNNING,
    DONE,
    SKIPPED
  }

  private final CompiledFlow flow;
  private final FlowGraph graph;
  private final Mark[] marks;
  private final int[] missingLinks;
  private final int[] missingOutputs;
  private final boolean[] reached;
  private final boolean[] taken;

  Tokens(CompiledFlow flow) {
    this.flow = flow;
    this.graph = flow.graph();
    this.marks = new Mark[graph.size()];
    this.missingLinks = new int[graph.size()];
    this.missingOutputs = new int[graph.size()];
    this.reached = new boolean[graph.size()];
    this.taken = new boolean[graph.linkCount()];
    Arrays.fill(marks, Mark.WAITING);
    for (int node = 0; node < graph.size(); node++) {
      missingLinks[node] = graph.incoming(node).length;
      for (int reader : flow.readers(node)) {
        missingOutputs[reader]++;
      }
    }
  }

  /** Begins: tells the nodes that nothing leads to. */
  void start(IntConsumer ready) {
    for (int root : graph.roots()) {
      reached[root] = true;
      check(root, ready, new ArrayDeque<>());
    }
  }

  /**
   * A node is done.
   *
   * @param outputs for each of its outputs whether it was chosen, null when it has only one
   * @param ready is told the nodes that may run now, in the order of the edges
   */
  void done(int node, @Nullable List<Boolean> outputs, IntConsumer ready) {
    marks[node] = Mark.DONE;
    var skipped = new ArrayDeque<Integer>();
    for (int link : graph.outgoing(node)) {
      arrive(link, chosen(graph.link(link), outputs), ready, skipped);
    }
    tellReaders(node, ready, skipped);
    for (Integer next = skipped.poll(); next != null; next = skipped.poll()) {
      for (int link : graph.outgoing(next)) {
        arrive(link, false, ready, skipped);
      }
      tellReaders(next, ready, skipped);
    }
  }

  /** Returns the nodes from which a token came, in the order of the edges. */
  int[] sources(int node) {
    return Arrays.stream(graph.incoming(node))
        .filter(link -> taken[link])
        .map(link -> graph.link(link).from())
        .distinct()
        .toArray();
  }

  /** Tells whether a node is done and no token left it. */
  boolean isEnd(int node) {
    return marks[node] == Mark.DONE
        && Arrays.stream(graph.outgoing(node)).noneMatch(link -> taken[link]);
  }

  /** Returns the nodes that got a token and still wait. */
  List<Integer> stalled() {
    var stalled = new ArrayList<Integer>();
    for (int node = 0; node < marks.length; node++) {
      if (marks[node] == Mark.WAITING && reached[node]) {
        stalled.add(node);
      }
    }
    return stalled;
  }

  private static boolean chosen(Link link, @Nullable List<Boolean> outputs) {
    if (outputs == null) {
      return true;
    }
    return link.branch() >= 0 && link.branch() < outputs.size() && outputs.get(link.branch());
  }

  private void arrive(int link, boolean token, IntConsumer ready, ArrayDeque<Integer> skipped) {
    int target = graph.link(link).to();
    taken[link] = token;
    reached[target] |= token;
    missingLinks[target]--;
    check(target, ready, skipped);
  }

  private void tellReaders(int node, IntConsumer ready, ArrayDeque<Integer> skipped) {
    for (int reader : flow.readers(node)) {
      missingOutputs[reader]--;
      check(reader, ready, skipped);
    }
  }

  private void check(int node, IntConsumer ready, ArrayDeque<Integer> skipped) {
    if (marks[node] != Mark.WAITING || missingLinks[node] > 0) {
      return;
    }
    if (!reached[node]) {
      marks[node] = Mark.SKIPPED;
      skipped.add(node);
    } else if (missingOutputs[node] == 0) {
      marks[node] = Mark.RUNNING;
      ready.accept(node);
    }
  }
}
