package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowEdge;
import dev.millrace.flows.model.FlowGraph;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Knows which nodes may run: a token travels along every edge that is taken, and a blank along
 * every one that is not. A node runs once, when each edge into it has brought one or the other and
 * at least one brought a token; when all brought blanks it is skipped, and passes blanks on.
 *
 * <p>So a join waits for exactly those branches that can still reach it. A node that loops back to
 * an earlier one lets everything behind that one run again, once nothing of that, and nothing else
 * that a loop can change, can still run: so two passes never mix, and each runs the same nodes
 * however fast the branches are that lead into it from outside. Loops that want to go back by then
 * go together; a target among theirs that refers to what another one repeats waits for its output,
 * as it would in the first pass. A blank that a loop could still turn into a token holds a join up
 * to that moment as well. Not thread-safe.
 */
final class Tokens {
  /** Is told which nodes will run again, before the first of them does. */
  interface Again {
    void runs(int loop, BitSet region);
  }

  private enum Mark {
    WAITING,
    /** Could run, but a loop may still bring it more. */
    HELD,
    RUNNING,
    DONE,
    SKIPPED
  }

  /**
   * A node wants to go back.
   *
   * @param region the nodes that will run again
   * @param touched the nodes whose executions that changes
   */
  private record Jump(int loop, int target, BitSet region, BitSet touched) {}

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
  private final BitSet held = new BitSet();
  private final Again again;

  Tokens(Canvas canvas, Again again) {
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
    comeToRest(ready);
  }

  /** A node is done and goes back to another, which then runs whatever leads to it. */
  void loopedBack(int node, int target, IntConsumer ready) {
    BitSet region = canvas.reach(target);
    jumps.add(new Jump(node, target, region, canvas.loops().touchedBy(node, region)));
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
      if (isOpen(node)) {
        marks[node] = Mark.HELD;
        held.set(node);
      } else {
        run(node, ready);
      }
    }
  }

  private void run(int node, IntConsumer ready) {
    marks[node] = Mark.RUNNING;
    ready.accept(node);
  }

  /** Tells whether a node got a blank that a loop could still turn into a token. */
  private boolean isOpen(int node) {
    return !isSentBack(node)
        && canvas.loops().isBeside(node)
        && Arrays.stream(graph.incoming(node)).anyMatch(link -> delivered[link] && !taken[link]);
  }

  /** Tells whether a loop went back to a node that now waits for outputs only, not for edges. */
  private boolean isSentBack(int node) {
    return marks[node] == Mark.WAITING && joinedBy[node] != null;
  }

  /** Goes back, or lets go what was held, once no loop has to wait for anything any more. */
  private void comeToRest(IntConsumer ready) {
    if ((jumps.isEmpty() && held.isEmpty()) || somethingCanRun()) {
      return;
    }
    if (jumps.isEmpty()) {
      BitSet free = (BitSet) held.clone();
      held.clear();
      free.stream().forEach(node -> marks[node] = Mark.WAITING);
      free.stream().filter(node -> missingOutputs[node] == 0).forEach(node -> run(node, ready));
      return;
    }
    goBack(ready);
  }

  /** Tells whether anything that loops can change can run before the next of them goes back. */
  private boolean somethingCanRun() {
    BitSet touched = (BitSet) canvas.loops().touched().clone();
    jumps.forEach(jump -> touched.or(jump.touched()));
    if (touched.stream().anyMatch(node -> marks[node] == Mark.RUNNING)) {
      return true;
    }
    var stuck = new BitSet(marks.length);
    for (int node : graph.order()) {
      if (marks[node] != Mark.WAITING && marks[node] != Mark.HELD) {
        continue;
      }
      boolean cannot = marks[node] == Mark.HELD || waitsForJump(node);
      if (!cannot && !stuck.get(node)) {
        if (touched.get(node)) {
          return true;
        }
        continue;
      }
      // Nor can what waits for it.
      Arrays.stream(graph.outgoing(node))
          .map(link -> graph.link(link).to())
          .filter(next -> !isSentBack(next))
          .forEach(stuck::set);
      Arrays.stream(canvas.readers(node)).forEach(stuck::set);
    }
    return false;
  }

  /** Tells whether a node cannot run by itself before a loop goes back; a target runs then. */
  private boolean waitsForJump(int node) {
    return !jumps.isEmpty()
        && isOpen(node)
        && jumps.stream().noneMatch(jump -> jump.target() == node);
  }

  /** Goes back from every loop that wants to, unless another one of them repeats it anyway. */
  private void goBack(IntConsumer ready) {
    jumps.sort(Comparator.comparingInt(jump -> canvas.rank(jump.loop())));
    List<int[]> ends = jumps.stream().map(this::ends).toList();
    List<Jump> wanted = List.copyOf(jumps);
    var targets = new BitSet();
    var repeated = new BitSet();
    for (int at = 0; at < wanted.size(); at++) {
      Jump jump = wanted.get(at);
      int target = jump.target();
      if (repeated.get(jump.loop())) {
        // It will come by once more.
        jumps.remove(jump);
      } else if (!repeated.get(target) && !jump.region().intersects(targets)) {
        jumps.remove(jump);
        again.runs(jump.loop(), jump.region());
        reset(jump.region(), target);
        joinedBy[target] = ends.get(at);
        targets.set(target);
        repeated.or(jump.region());
      }
    }
    // One may refer to what another one repeats: then it runs when that has its output. The first
    // in rank never does, so something runs.
    var waiting = new BitSet();
    repeated.stream().flatMap(node -> Arrays.stream(canvas.readers(node))).forEach(waiting::set);
    targets.stream().filter(node -> !waiting.get(node)).forEach(node -> run(node, ready));
  }

  /** Returns the nodes at which a pass ended. */
  private int[] ends(Jump jump) {
    return IntStream.concat(jump.region().stream().filter(this::isEnd), IntStream.of(jump.loop()))
        .distinct()
        .toArray();
  }

  private void reset(BitSet region, int target) {
    region.stream()
        .flatMap(node -> Arrays.stream(graph.outgoing(node)))
        .forEach(link -> {
          taken[link] = false;
          delivered[link] = false;
        });
    held.andNot(region);
    region.stream().filter(node -> node != target).forEach(this::resetNode);
    marks[target] = Mark.WAITING;
    missingLinks[target] = 0;
    reached[target] = true;
    // After all marks are set: whoever has not run waits for the outputs of those that run again.
    Arrays.fill(missingOutputs, 0);
    for (int source = 0; source < marks.length; source++) {
      if (marks[source] != Mark.DONE && marks[source] != Mark.SKIPPED) {
        for (int reader : canvas.readers(source)) {
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
