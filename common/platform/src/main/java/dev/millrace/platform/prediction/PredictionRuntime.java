package dev.millrace.platform.prediction;

import dev.millrace.flows.engine.EngineSettings;
import dev.millrace.flows.engine.FlowEngine;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.mcp.McpServers;
import dev.millrace.flows.mcp.McpSettings;
import dev.millrace.flows.models.LangChainChatModels;
import dev.millrace.flows.models.LangChainEmbeddings;
import dev.millrace.flows.models.ModelLimits;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.nodes.NodeParts;
import dev.millrace.flows.nodes.StandardNodes;
import dev.millrace.flows.script.GraalSandbox;
import dev.millrace.flows.script.ProcessSandbox;
import dev.millrace.flows.script.ScriptLimits;
import dev.millrace.flows.script.ScriptSandbox;
import dev.millrace.flows.tools.ToolFactory;
import dev.millrace.platform.credentials.CredentialStore;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.runs.RunStore;
import dev.millrace.platform.settings.EngineLimits;
import dev.millrace.platform.settings.HttpSettings;
import dev.millrace.platform.settings.McpPolicy;
import dev.millrace.platform.settings.OutboundSettings;
import dev.millrace.platform.settings.Settings;
import dev.millrace.platform.vectors.PgVectors;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/** Everything that a process needs to run flows, put together. */
public final class PredictionRuntime implements AutoCloseable {
  /**
   * Models often run beside us (Ollama, vLLM, a gateway), and only who may edit flows says where.
   * Link-local addresses, cloud metadata among them, stay closed all the same.
   */
  private static final List<String> MODEL_NETWORKS =
      List.of(
          "127.0.0.0/8",
          "::1/128",
          "10.0.0.0/8",
          "172.16.0.0/12",
          "192.168.0.0/16",
          "fc00::/7",
          "localhost");

  /** For one answer of an MCP server. */
  private static final Duration MCP_PATIENCE = Duration.ofMinutes(1);

  /** What runs beside the nodes and tools that come with the engine, by name. */
  public record Extensions(Map<String, NodeRunner> nodes, Map<String, ToolFactory> tools) {
    public Extensions {
      nodes = Map.copyOf(nodes);
      tools = Map.copyOf(tools);
    }
  }

  private final GuardedHttp http;
  private final GuardedHttp modelHttp;
  private final ScriptSandbox scripts;
  private final RunStore runs;
  private final FlowEngine engine;
  private final Aborts aborts = new Aborts();
  private final PredictionRunner runner;

  /**
   * @param database migrated
   * @param texts where the flows are that jobs only refer to
   * @param extensions nodes and tools that plugins bring
   * @param recovers whether this process ends runs whose processes are gone
   */
  public PredictionRuntime(
      Settings settings,
      Database database,
      CredentialStore credentials,
      FlowTexts texts,
      Extensions extensions,
      boolean recovers,
      Clock clock,
      JsonMapper json) {
    http = guarded(settings.outbound(), List.of());
    modelHttp = guarded(settings.outbound(), MODEL_NETWORKS);
    scripts = scripts(settings.limits(), http);
    var models = new LangChainChatModels(modelHttp, ModelLimits.DEFAULT);
    engine =
        new FlowEngine(
            StandardNodes.catalog(
                new NodeParts(
                    models,
                    new LangChainEmbeddings(modelHttp, ModelLimits.DEFAULT),
                    scripts,
                    http,
                    new McpServers(http, mcp(settings.mcp())),
                    new PgVectors(database, http, json),
                    clock,
                    ownAddresses(settings.http())),
                extensions.nodes(),
                extensions.tools()),
            engineSettings(settings.limits()),
            clock);
    runs = new RunStore(database, clock, System::getenv, recovers);
    var snapshots = new FlowSnapshots(texts, json);
    var called = new CalledFlows(new ChatFlowStore(database, clock), snapshots);
    runner =
        new PredictionRunner(
            engine, snapshots, runs, credentials, runs, runs, called, aborts, json);
  }

  /** Returns what fetches for flows, guarded. */
  public HttpFetcher fetcher() {
    return http;
  }

  public PredictionRunner runner() {
    return runner;
  }

  public FlowEngine engine() {
    return engine;
  }

  public RunStore runs() {
    return runs;
  }

  public Aborts aborts() {
    return aborts;
  }

  /** Writes what is still to be written, and closes what runs used. */
  @Override
  public void close() {
    runs.close();
    scripts.close();
    modelHttp.close();
    http.close();
  }

  private static ScriptSandbox scripts(EngineLimits settings, HttpFetcher fetcher) {
    var limits = ScriptLimits.DEFAULT.withWall(settings.sandboxTimeout());
    return settings.scriptMegabytes() == 0
        ? new GraalSandbox(limits, fetcher)
        : new ProcessSandbox(limits, settings.scriptMegabytes(), fetcher);
  }

  private static GuardedHttp guarded(OutboundSettings settings, List<String> alsoAllowed) {
    var allowed = new ArrayList<>(settings.allow());
    allowed.addAll(alsoAllowed);
    return new GuardedHttp(
        AddressPolicy.of(settings.denyPrivate(), settings.deny(), allowed), FetchLimits.DEFAULT);
  }

  /** What flows and their editors call this server. */
  private static List<URI> ownAddresses(HttpSettings http) {
    var addresses = new ArrayList<URI>();
    if (http.appUrl() != null) {
      addresses.add(http.appUrl());
    }
    List.of("localhost", "127.0.0.1")
        .forEach(host -> addresses.add(URI.create("http://" + host + ":" + http.port())));
    return addresses;
  }

  private static McpSettings mcp(McpPolicy policy) {
    return new McpSettings(
        policy.processes(), Set.copyOf(policy.commands()), policy.checked(), MCP_PATIENCE);
  }

  private static EngineSettings engineSettings(EngineLimits limits) {
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
