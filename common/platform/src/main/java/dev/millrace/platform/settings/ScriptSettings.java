package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.withDefault;

import dev.millrace.flows.script.ScriptLimits;
import dev.millrace.flows.script.ScriptSandbox;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What the scripts of flows may use.
 *
 * @param limits of one script, and how many run at once
 * @param megabytes heap of each process in which scripts run; 0 when they run in ours
 * @param modules that the operator let scripts require in Flowise, ours among them
 * @param manyModules whether Flowise's long list of further modules was switched on
 */
public record ScriptSettings(
    ScriptLimits limits, int megabytes, List<String> modules, boolean manyModules) {
  private static final Variable<Duration> SANDBOX_TIMEOUT =
      withDefault(
          "SANDBOX_TIMEOUT",
          Syntax.duration("ms", Duration.ofMillis(1)),
          "300000",
          "Time that one script may take, in milliseconds");
  private static final Variable<Duration> SCRIPT_CPU_TIME =
      withDefault(
          "SCRIPT_CPU_TIME",
          Syntax.duration("ms", Duration.ofMillis(1)),
          "10000",
          "Time that one script may spend computing, in milliseconds");
  private static final Variable<Integer> SCRIPT_STATEMENTS =
      withDefault(
          "SCRIPT_STATEMENTS",
          Syntax.integer(0, Integer.MAX_VALUE),
          "0",
          "Statements that one script may execute; 0 for no limit, which is faster");
  private static final Variable<Long> SCRIPT_RESULT_LIMIT =
      withDefault(
          "SCRIPT_RESULT_LIMIT",
          Syntax.bytes()
              .map("a size of at most 1gb, such as 512kb or 16mb", ScriptSettings::bounded),
          "16mb",
          "Largest result of a script, as JSON");
  private static final Variable<Integer> SCRIPT_CONCURRENCY =
      optional(
          "SCRIPT_CONCURRENCY",
          Syntax.integer(1, 10_000),
          "8, or two for each processor if that is more",
          "Scripts that run at the same time in one process; further ones wait");
  private static final Variable<Integer> SCRIPT_PROCESS_MEMORY =
      withDefault(
          "SCRIPT_PROCESS_MEMORY",
          Syntax.integer(0, 65_536),
          "0",
          "Megabytes of heap of the processes in which scripts run, one script at a time in each;"
              + " 0 runs them in the worker itself");
  private static final Syntax<List<String>> MODULES =
      Syntax.list("a comma list of names of modules");
  private static final Variable<List<String>> TOOL_FUNCTION_BUILTIN_DEP =
      optional(
          "TOOL_FUNCTION_BUILTIN_DEP",
          MODULES,
          "none",
          "As Flowise: modules of Node that scripts require. Scripts have the same ones here"
              + " whatever it says; a node warns of those that it lacks when it starts");
  private static final Variable<List<String>> TOOL_FUNCTION_EXTERNAL_DEP =
      optional(
          "TOOL_FUNCTION_EXTERNAL_DEP",
          MODULES,
          "none",
          "As Flowise: packages that scripts require. Likewise");
  private static final Variable<Boolean> ALLOW_BUILTIN_DEP =
      withDefault(
          "ALLOW_BUILTIN_DEP",
          Syntax.bool(),
          "false",
          "As Flowise: lets scripts require its own packages. There are none here, which a node"
              + " warns of when it starts");

  static final List<Variable<?>> VARIABLES =
      List.of(
          SANDBOX_TIMEOUT,
          SCRIPT_CPU_TIME,
          SCRIPT_STATEMENTS,
          SCRIPT_RESULT_LIMIT,
          SCRIPT_CONCURRENCY,
          SCRIPT_PROCESS_MEMORY,
          TOOL_FUNCTION_BUILTIN_DEP,
          TOOL_FUNCTION_EXTERNAL_DEP,
          ALLOW_BUILTIN_DEP);

  public ScriptSettings {
    modules = List.copyOf(modules);
  }

  static ScriptSettings read(Values values) {
    var usual = ScriptLimits.DEFAULT;
    var threads = values.find(SCRIPT_CONCURRENCY);
    var limits =
        new ScriptLimits(
            values.get(SANDBOX_TIMEOUT),
            values.get(SCRIPT_CPU_TIME),
            values.get(SCRIPT_STATEMENTS),
            usual.stackFrames(),
            usual.outputBytes(),
            Math.toIntExact(values.get(SCRIPT_RESULT_LIMIT)),
            threads == null ? usual.threads() : threads);
    return new ScriptSettings(
        limits.withWall(limits.wall()),
        values.get(SCRIPT_PROCESS_MEMORY),
        Stream.of(TOOL_FUNCTION_BUILTIN_DEP, TOOL_FUNCTION_EXTERNAL_DEP)
            .flatMap(
                names -> Objects.requireNonNullElse(values.find(names), List.<String>of()).stream())
            .toList(),
        values.get(ALLOW_BUILTIN_DEP));
  }

  /** Returns the modules that the operator named and that scripts cannot require here. */
  public List<String> missingModules() {
    return modules.stream()
        .filter(name -> !ScriptSandbox.MODULES.contains(name.replaceFirst("^node:", "")))
        .distinct()
        .sorted()
        .toList();
  }

  private static Long bounded(Long bytes) {
    return Syntax.require(bytes <= 1L << 30, bytes);
  }
}
