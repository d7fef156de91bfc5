package dev.millrace.platform.prediction;

import dev.millrace.flows.engine.EngineSettings;
import dev.millrace.flows.mcp.McpSettings;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.script.GraalSandbox;
import dev.millrace.flows.script.ProcessSandbox;
import dev.millrace.flows.script.ScriptSandbox;
import dev.millrace.platform.settings.EngineLimits;
import dev.millrace.platform.settings.McpPolicy;
import dev.millrace.platform.settings.OutboundSettings;
import dev.millrace.platform.settings.ScriptSettings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of the settings what flows run with, the same on a server, a worker and at the terminal.
 */
public final class EngineParts {
  private static final Logger LOG = LoggerFactory.getLogger(EngineParts.class);

  /** For one answer of an MCP server. */
  private static final Duration MCP_PATIENCE = Duration.ofMinutes(1);

  private EngineParts() {}

  /**
   * Returns what fetches.
   *
   * @param alsoAllowed hosts and blocks that may be reached besides those of the settings
   */
  public static GuardedHttp http(OutboundSettings settings, List<String> alsoAllowed) {
    return new GuardedHttp(settings.policy(alsoAllowed), settings.limits());
  }

  /** Returns what runs scripts, in this process or in others. */
  public static ScriptSandbox scripts(ScriptSettings settings, HttpFetcher fetcher) {
    var missing = settings.missingModules();
    if (!missing.isEmpty() || settings.manyModules()) {
      LOG.warn(
          "scripts cannot require {} (TOOL_FUNCTION_BUILTIN_DEP, TOOL_FUNCTION_EXTERNAL_DEP,"
              + " ALLOW_BUILTIN_DEP); they have {}",
          missing.isEmpty() ? "Flowise's packages" : missing,
          ScriptSandbox.MODULES.stream().sorted().toList());
    }
    return settings.megabytes() == 0
        ? new GraalSandbox(settings.limits(), fetcher)
        : new ProcessSandbox(settings.limits(), settings.megabytes(), fetcher);
  }

  public static McpSettings mcp(McpPolicy policy) {
    return new McpSettings(
        policy.processes(), Set.copyOf(policy.commands()), policy.checked(), MCP_PATIENCE);
  }

  public static EngineSettings engine(EngineLimits limits) {
    return new EngineSettings(
        limits.flowConcurrency(),
        limits.compat(),
        limits.maxIterations(),
        limits.maxLoopCount(),
        limits.flowMaxDepth(),
        limits.flowDeadline(),
        EngineSettings.DEFAULT.cachedFlows(),
        EngineSettings.DEFAULT.cancelGrace());
  }
}
