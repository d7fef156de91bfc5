package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.withDefault;

import java.time.Duration;
import java.util.List;

/**
 * How far one run may go.
 *
 * @param maxIterations nodes that one run may execute
 * @param maxLoopCount times that a Loop node goes back when it does not say itself
 * @param sandboxTimeout time that one script may take
 * @param flowConcurrency nodes of one run that execute at the same time
 * @param flowMaxDepth flows that run one inside the other
 * @param flowDeadline time that one run may take; zero means as long as it likes
 */
public record EngineLimits(
    int maxIterations,
    int maxLoopCount,
    Duration sandboxTimeout,
    int flowConcurrency,
    int flowMaxDepth,
    Duration flowDeadline) {
  private static final Variable<Integer> MAX_ITERATIONS =
      withDefault(
          "MAX_ITERATIONS",
          Syntax.integer(1, 10_000_000),
          "1000",
          "Nodes that one run may execute");
  private static final Variable<Integer> MAX_LOOP_COUNT =
      withDefault(
          "MAX_LOOP_COUNT",
          Syntax.integer(1, 10_000_000),
          "10",
          "Times that a Loop node goes back when it does not say itself");
  private static final Variable<Duration> SANDBOX_TIMEOUT =
      withDefault(
          "SANDBOX_TIMEOUT",
          Syntax.duration("ms", Duration.ofMillis(1)),
          "300000",
          "Time that one script may take, in milliseconds");
  private static final Variable<Integer> FLOW_CONCURRENCY =
      withDefault(
          "FLOW_CONCURRENCY",
          Syntax.integer(1, 1000),
          "16",
          "Nodes of one run that execute at the same time");

  private static final Variable<Integer> FLOW_MAX_DEPTH =
      withDefault(
          "FLOW_MAX_DEPTH",
          Syntax.integer(1, 100),
          "5",
          "Flows that run one inside the other, the first one included");
  private static final Variable<Duration> FLOW_DEADLINE =
      withDefault(
          "FLOW_DEADLINE",
          Syntax.duration("s", Duration.ZERO),
          "0",
          "Time that one run may take, in seconds; 0 means as long as it likes");
  static final List<Variable<?>> VARIABLES =
      List.of(
          MAX_ITERATIONS,
          MAX_LOOP_COUNT,
          SANDBOX_TIMEOUT,
          FLOW_CONCURRENCY,
          FLOW_MAX_DEPTH,
          FLOW_DEADLINE);

  static EngineLimits read(Values values) {
    return new EngineLimits(
        values.get(MAX_ITERATIONS),
        values.get(MAX_LOOP_COUNT),
        values.get(SANDBOX_TIMEOUT),
        values.get(FLOW_CONCURRENCY),
        values.get(FLOW_MAX_DEPTH),
        values.get(FLOW_DEADLINE));
  }
}
