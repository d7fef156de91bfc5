package dev.millrace.flows.engine;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * How the engine runs flows.
 *
 * @param concurrentNodes how many nodes of one run may work at the same time
 * @param compat habits of Flowise that are kept
 * @param maxIterations how many nodes one run may execute (Flowise's {@code MAX_ITERATIONS})
 * @param maxLoopCount how often a Loop node may go back when it does not say ({@code
 *     MAX_LOOP_COUNT})
 * @param maxFlowDepth how many flows may run one inside the other, the first one included
 * @param deadline how long a run may take; zero means as long as it likes
 * @param cachedFlows how many compiled flows are kept
 * @param cancelGrace how long a cancelled run waits for its nodes to notice
 */
public record EngineSettings(
    int concurrentNodes,
    Set<Compat> compat,
    int maxIterations,
    int maxLoopCount,
    int maxFlowDepth,
    Duration deadline,
    int cachedFlows,
    Duration cancelGrace) {

  /** Flowise's limits, and branches side by side. */
  public static final EngineSettings DEFAULT =
      new EngineSettings(
          16, Compat.DEFAULTS, 1000, 10, 5, Duration.ZERO, 256, Duration.ofSeconds(5));

  public EngineSettings {
    compat = Set.copyOf(compat);
    if (concurrentNodes < 1
        || maxIterations < 1
        || maxLoopCount < 1
        || maxFlowDepth < 1
        || cachedFlows < 1) {
      throw new IllegalArgumentException("Every limit of the engine must be at least 1");
    }
    if (cancelGrace.isNegative() || deadline.isNegative()) {
      throw new IllegalArgumentException(
          "Times must not be negative: " + cancelGrace + ", " + deadline);
    }
  }

  /** Tells whether nodes execute one at a time in Flowise's order, for flows that rely on it. */
  public boolean sequentialBranches() {
    return compat.contains(Compat.SEQUENTIAL_BRANCHES);
  }

  public EngineSettings withSequentialBranches() {
    return with(Compat.SEQUENTIAL_BRANCHES, true);
  }

  public EngineSettings with(Compat habit, boolean kept) {
    var changed = new HashSet<>(compat);
    if (kept) {
      changed.add(habit);
    } else {
      changed.remove(habit);
    }
    return new EngineSettings(
        concurrentNodes,
        changed,
        maxIterations,
        maxLoopCount,
        maxFlowDepth,
        deadline,
        cachedFlows,
        cancelGrace);
  }

  public EngineSettings withMaxIterations(int limit) {
    return new EngineSettings(
        concurrentNodes,
        compat,
        limit,
        maxLoopCount,
        maxFlowDepth,
        deadline,
        cachedFlows,
        cancelGrace);
  }

  public EngineSettings withConcurrentNodes(int limit) {
    return new EngineSettings(
        limit,
        compat,
        maxIterations,
        maxLoopCount,
        maxFlowDepth,
        deadline,
        cachedFlows,
        cancelGrace);
  }

  public EngineSettings withDeadline(Duration limit) {
    return new EngineSettings(
        concurrentNodes,
        compat,
        maxIterations,
        maxLoopCount,
        maxFlowDepth,
        limit,
        cachedFlows,
        cancelGrace);
  }

  public EngineSettings withCancelGrace(Duration grace) {
    return new EngineSettings(
        concurrentNodes,
        compat,
        maxIterations,
        maxLoopCount,
        maxFlowDepth,
        deadline,
        cachedFlows,
        grace);
  }
}
