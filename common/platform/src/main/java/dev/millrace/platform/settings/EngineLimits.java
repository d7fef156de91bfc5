package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.withDefault;

import dev.millrace.flows.engine.Compat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How far one run may go.
 *
 * @param maxIterations nodes that one run may execute
 * @param maxLoopCount times that a Loop node goes back when it does not say itself
 * @param flowConcurrency nodes of one run that execute at the same time
 * @param flowMaxDepth flows that run one inside the other
 * @param flowDeadline time that one run may take; zero means as long as it likes
 * @param minScheduleInterval the least that may lie between two runs of a schedule
 * @param compat habits of Flowise that are kept
 */
public record EngineLimits(
    int maxIterations,
    int maxLoopCount,
    int flowConcurrency,
    int flowMaxDepth,
    Duration flowDeadline,
    Duration minScheduleInterval,
    Set<Compat> compat) {
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
  private static final Variable<Duration> MIN_SCHEDULE_INTERVAL_SECONDS =
      withDefault(
          "MIN_SCHEDULE_INTERVAL_SECONDS",
          Syntax.duration("s", Duration.ofSeconds(1)),
          "60",
          "The least time between two runs of a schedule, in seconds");
  private static final Map<Compat, Variable<Boolean>> COMPAT =
      Arrays.stream(Compat.values())
          .collect(
              Collectors.toMap(
                  habit -> habit,
                  EngineLimits::variable,
                  (a, b) -> a,
                  () -> new EnumMap<>(Compat.class)));

  static final List<Variable<?>> VARIABLES = variables();

  public EngineLimits {
    compat = Set.copyOf(compat);
  }

  static EngineLimits read(Values values) {
    return new EngineLimits(
        values.get(MAX_ITERATIONS),
        values.get(MAX_LOOP_COUNT),
        values.get(FLOW_CONCURRENCY),
        values.get(FLOW_MAX_DEPTH),
        values.get(FLOW_DEADLINE),
        values.get(MIN_SCHEDULE_INTERVAL_SECONDS),
        COMPAT.entrySet().stream()
            .filter(habit -> values.get(habit.getValue()))
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet()));
  }

  private static List<Variable<?>> variables() {
    var all = new ArrayList<Variable<?>>();
    all.add(MAX_ITERATIONS);
    all.add(MAX_LOOP_COUNT);
    all.add(FLOW_CONCURRENCY);
    all.add(FLOW_MAX_DEPTH);
    all.add(FLOW_DEADLINE);
    all.add(MIN_SCHEDULE_INTERVAL_SECONDS);
    all.addAll(COMPAT.values());
    return List.copyOf(all);
  }

  private static Variable<Boolean> variable(Compat habit) {
    var meaning = habit.meaning();
    return withDefault(
        "COMPAT_" + habit.name(),
        Syntax.bool(),
        Boolean.toString(habit.isDefault()),
        "As Flowise: " + meaning);
  }
}
