package dev.millrace.flows.script;

import dev.millrace.flows.engine.Cancellation;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Runs JavaScript that users wrote, with limits and without a way to the host. Thread-safe; a call
 * blocks its thread until the script ended.
 */
public interface ScriptSandbox extends AutoCloseable {
  /** The modules that scripts may require, with or without {@code node:} before the name. */
  Set<String> MODULES =
      Set.of(
          "assert",
          "axios",
          "buffer",
          "crypto",
          "events",
          "form-data",
          "node-fetch",
          "path",
          "querystring",
          "timers",
          "url",
          "zlib");

  /**
   * Runs a script as the body of an async function.
   *
   * @return what it returned; a missing node when it returned undefined
   * @throws ScriptException when it threw, or broke a limit
   * @throws dev.millrace.flows.engine.FlowCancelledException when the run was cancelled meanwhile
   */
  JsonNode run(Script script, Cancellation cancellation);

  @Override
  void close();

  /**
   * A script and what it sees.
   *
   * @param code the body of a function, e.g. {@code return $input + 1}
   * @param globals by name, {@code $input}, {@code $flow}, {@code $vars} and the declared inputs;
   *     missing nodes are seen as undefined
   */
  record Script(String code, Map<String, JsonNode> globals) {
    public Script {
      globals = Map.copyOf(globals);
    }
  }
}
