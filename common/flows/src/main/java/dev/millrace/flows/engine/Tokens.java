package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowEdge;
import dev.millrace.flows.model.FlowGraph;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Knows which nodes may run: a token travels along every edge that is taken, and a blank along
 * every one that is not. A node runs once, when each edge into it has brought one or the other and
 * at least one brought a token; when all brought blanks it is skipped, and passes blanks on.
 *
 * <p>So a join waits for exactly those branches that can still reach it. A node that loops back to
 * an earlier one lets everything behind that one run again, once what is behind it has come to
 * rest, so that two passes never mix. Not thread-safe.
 */
final class Tokens {
  private enum Mark {
    WAITING,
    RUNNING,
    DONE,
    SKIPPED
  }

  /**
   * A node wants to go back.
   *
   * @param region the nodes that will run again
   * @param quiet the nodes that have to be at rest before: those, and all that lead to them
   */
  private record Jump(int loop, int target, BitSet region, BitSet quiet) {}

  private final Canvas canvas;
  private final FlowGraph graph;
  private final Mark[] marks;
  private final int[] missingLinks;
  private final int[] missingOutputs;
  private final boolean[] reached;
  private final boolean[] delivered;
  private final boolean[] taken;
  private final int[] @Nullable [] joinedBy;
  private final List<Jump> jumps = new ArrayList<>();
  private final Consumer<BitSet> again;

  /**
   * @param again is told which nodes will run again, before the first of them does
   */
  Tokens(Canvas canvas, Consumer<BitSet> again) {
    this.canvas = canvas;
    this.again = again;
    this.graph = canvas.graph();
    this.marks = new Mark[graph.size()];
    this.missingLinks = new int[graph.size()];
    this.missingOutputs = new int[graph.size()];
    this.reached = new boolean[graph.size()];
    this.delivered = new boolean[graph.linkCount()];
    this.taken = new boolean[graph.linkCount()];
    this.joinedBy = new int[graph.size()][];
    Arrays.fill(marks, Mark.WAITING);
    for (int node = 0; node < graph.size(); node++) {
      missingLinks[node] = graph.incoming(node).length;
      for (int reader : canvas.readers(node)) {
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
   * @param ready is told the nodes that may run now, in the order of the edges
   */
  void done(int node, Taken outputs, IntConsumer ready) {
    marks[node] = Mark.DONE;
    var skipped = new ArrayDeque<Integer>();
    for (int link : graph.outgoing(node)) {
      arrive(link, outputs.takes(graph.link(link)), ready, skipped);
    }
    tellReaders(node, ready, skipped);
    for (Integer next = skipped.poll(); next != null; next = skipped.poll()) {
      for (int link : graph.outgoing(next)) {
        arrive(link, false, ready, skipped);
      }
      tellReaders(next, ready, skipped);
    }
    jump(ready);
  }

  /** A node is done and goes back to another, which then runs whatever leads to it. */
  void loopedBack(int node, int target, IntConsumer ready) {
    BitSet region = canvas.reach(target);
    BitSet quiet = canvas.origins(target);
    quiet.or(region);
    jumps.add(new Jump(node, target, region, quiet));
    // Nothing follows it but what it goes back to.
    done(node, new Taken(List.of(), false), ready);
  }

  /** Returns the nodes from which a token came, in the order of the edges. */
  int[] sources(int node) {
    return Arrays.stream(graph.incoming(node))
        .filter(link -> taken[link])
        .map(link -> graph.link(link).from())
        .distinct()
        .toArray();
  }

  /** Returns the nodes whose states together are what a node begins with. */
  int[] before(int node) {
    int[] joined = joinedBy[node];
    return joined != null ? joined : sources(node);
  }

  /** Tells whether a node is done and no token left it. */
  boolean isEnd(int node) {
    return marks[node] == Mark.DONE
        && Arrays.stream(graph.outgoing(node)).noneMatch(link -> taken[link]);
  }

  /** Tells whether a node has an edge for its errors. */
  boolean hasErrorOutput(int node) {
    return Arrays.stream(graph.outgoing(node))
        .anyMatch(link -> graph.link(link).branch() == FlowEdge.ERROR);
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

  private void arrive(int link, boolean token, IntConsumer ready, ArrayDeque<Integer> skipped) {
    int target = graph.link(link).to();
    delivered[link] = true;
    taken[link] = token;
    reached[target] |= token;
    missingLinks[target]--;
    check(target, ready, skipped);
  }

  private void tellReaders(int node, IntConsumer ready, ArrayDeque<Integer> skipped) {
    for (int reader : canvas.readers(node)) {
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

  /** Goes back as soon as nothing before or behind the target is at work any more. */
  private void jump(IntConsumer ready) {
    for (int at = 0; at < jumps.size(); at++) {
      Jump jump = jumps.get(at);
      if (jump.quiet().stream().noneMatch(node -> marks[node] == Mark.RUNNING)) {
        int[] ends =
            IntStream.concat(jump.region().stream().filter(this::isEnd), IntStream.of(jump.loop()))
                .distinct()
                .toArray();
        // Whoever wanted to go back from within what now runs again will come by once more.
        jumps.removeIf(other -> other.equals(jump) || jump.region().get(other.loop()));
        again.accept(jump.region());
        reset(jump.region(), jump.target());
        joinedBy[jump.target()] = ends;
        marks[jump.target()] = Mark.RUNNING;
        ready.accept(jump.target());
        at = -1;
      }
    }
  }

  private void reset(BitSet region, int target) {
    region.stream()
        .flatMap(node -> Arrays.stream(graph.outgoing(node)))
        .forEach(link -> {
          taken[link] = false;
          delivered[link] = false;
        });
    region.stream().filter(node -> node != target).forEach(this::resetNode);
    // After all marks are set: a node waits for the outputs of those that run again.
    region.stream().forEach(node -> missingOutputs[node] = 0);
    for (int source = 0; source < marks.length; source++) {
      boolean open = marks[source] != Mark.DONE && marks[source] != Mark.SKIPPED;
      for (int reader : canvas.readers(source)) {
        if (region.get(reader) && (open || source == target)) {
          missingOutputs[reader]++;
        }
      }
    }
  }

  private void resetNode(int node) {
    marks[node] = Mark.WAITING;
    joinedBy[node] = null;
    missingLinks[node] = 0;
    reached[node] = false;
    for (int link : graph.incoming(node)) {
      missingLinks[node] += delivered[link] ? 0 : 1;
      reached[node] |= taken[link];
    }
  }
}
