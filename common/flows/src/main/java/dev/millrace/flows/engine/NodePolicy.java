package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.NodeInputs;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What is to happen when a node fails or takes too long; inputs of ours in {@code data.inputs},
 * which Flowise ignores ({@code docs/flows.md} lists them). Without them a node is tried once, for
 * as long as it takes, and its failure is the run's.
 *
 * @param attempts how often it is tried at most
 * @param firstDelay how long to wait before the second attempt
 * @param factor by which each further wait is longer
 * @param jitter the share of a wait that is left to chance, 0 to 1
 * @param timeout how long one attempt may take; zero means as long as it likes
 * @param onError what a failure of the last attempt means
 */
record NodePolicy(
    int attempts,
    Duration firstDelay,
    double factor,
    double jitter,
    Duration timeout,
    OnError onError) {
  enum OnError {
    /** The run fails. */
    FAIL,
    /** The flow goes on as if the node had put out the error's message. */
    CONTINUE,
    /** The flow goes on at the output for errors. */
    BRANCH
  }

  static final NodePolicy NONE =
      new NodePolicy(1, Duration.ZERO, 1, 0, Duration.ZERO, OnError.FAIL);

  private static final double MOST_ATTEMPTS = 100;
  private static final double LONGEST_DELAY_MS = Duration.ofMinutes(10).toMillis();
  private static final double LONGEST_TIMEOUT_MS = Duration.ofDays(1).toMillis();

  static NodePolicy of(FlowNode node) {
    var inputs = new NodeInputs(node.inputs());
    var policy =
        new NodePolicy(
            (int) within(inputs, "retryMaxAttempts", 1, 1, MOST_ATTEMPTS),
            millis(within(inputs, "retryDelayMs", 1000, 0, LONGEST_DELAY_MS)),
            within(inputs, "retryBackoffFactor", 2, 1, 100),
            within(inputs, "retryJitter", 0.2, 0, 1),
            millis(within(inputs, "timeoutMs", 0, 0, LONGEST_TIMEOUT_MS)),
            switch (inputs.text("onError")) {
              case "continue" -> OnError.CONTINUE;
              case "branch" -> OnError.BRANCH;
              default -> OnError.FAIL;
            });
    boolean plain =
        policy.attempts == 1 && policy.timeout.isZero() && policy.onError == OnError.FAIL;
    return plain ? NONE : policy;
  }

  /** Returns how long to wait after an attempt failed, the first being 1. */
  Duration delayAfter(int attempt) {
    double delay =
        Math.min(firstDelay.toMillis() * Math.pow(factor, attempt - 1), LONGEST_DELAY_MS);
    double chance = jitter * ThreadLocalRandom.current().nextDouble();
    return millis(delay * (1 - chance));
  }

  private static Duration millis(double value) {
    return Duration.ofMillis(Math.round(value));
  }

  private static double within(
      NodeInputs inputs, String name, double unset, double least, double most) {
    double value = inputs.number(name).orElse(unset);
    return Double.isFinite(value) ? Math.clamp(value, least, most) : unset;
  }
}
