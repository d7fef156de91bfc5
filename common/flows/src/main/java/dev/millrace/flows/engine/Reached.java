package dev.millrace.flows.engine;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * What the paths of one canvas have reached, state and conversation: what a node finds before it,
 * and what is left in the end. Belongs to the thread of its {@link CanvasRun}.
 */
final class Reached {
  private final Canvas canvas;
  private final Tokens tokens;
  private final Trail trail;
  private final PathState initial;
  private final boolean sequential;
  private PathState latest; // after the node that ended last: what the next sees one at a time

  /**
   * @param sequential whether nodes run one at a time, and each sees what the one before it left
   */
  Reached(Canvas canvas, Tokens tokens, Trail trail, PathState initial, boolean sequential) {
    this.canvas = canvas;
    this.tokens = tokens;
    this.trail = trail;
    this.initial = initial;
    this.latest = initial;
    this.sequential = sequential;
  }

  /** A node ended; this is what it left. */
  void now(PathState after) {
    latest = after;
  }

  /** Returns what a node that is ready finds before it. */
  PathState before(int node) {
    return sequential ? latest : joined(tokens.before(node));
  }

  /** Returns what all branches together have reached. */
  PathState byAll() {
    return sequential
        ? latest
        : joined(IntStream.range(0, canvas.size()).filter(tokens::isEnd).toArray());
  }

  /** Returns what several paths together have reached, the later ones last. */
  private PathState joined(int[] nodes) {
    if (nodes.length == 0) {
      return initial;
    }
    return PathState.merged(
        Arrays.stream(nodes)
            .boxed()
            .sorted(Comparator.comparingInt(canvas::rank))
            .map(trail::after)
            .toList());
  }
}
