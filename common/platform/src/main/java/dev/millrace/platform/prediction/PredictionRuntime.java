package dev.millrace.platform.prediction;

import dev.millrace.flows.engine.FlowEngine;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.engine.StoredFiles;
import dev.millrace.flows.mcp.McpServers;
import dev.millrace.flows.models.LangChainChatModels;
import dev.millrace.flows.models.LangChainEmbeddings;
import dev.millrace.flows.models.ModelLimits;
import dev.millrace.flows.models.RemappedModels;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.nodes.NodeParts;
import dev.millrace.flows.nodes.StandardNodes;
import dev.millrace.flows.retrieval.VectorWriters;
import dev.millrace.flows.script.ScriptSandbox;
import dev.millrace.flows.tools.ToolFactory;
import dev.millrace.platform.credentials.CredentialStore;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.runs.RunStore;
import dev.millrace.platform.settings.HttpSettings;
import dev.millrace.platform.settings.Settings;
import dev.millrace.platform.storage.LocalStorage;
import dev.millrace.platform.vectors.PgVectors;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  private final VectorWriters vectors;
  private final StoredFiles files;
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
    http = EngineParts.http(settings.outbound(), List.of());
    modelHttp = EngineParts.http(settings.outbound(), MODEL_NETWORKS);
    scripts = EngineParts.scripts(settings.scripts(), http);
    var models =
        RemappedModels.of(
            new LangChainChatModels(modelHttp, ModelLimits.DEFAULT), settings.models().remap());
    var embeddings = new LangChainEmbeddings(modelHttp, ModelLimits.DEFAULT);
    var tables = new PgVectors(database, http, json);
    vectors = new VectorWriters(embeddings, http, tables);
    engine =
        new FlowEngine(
            StandardNodes.catalog(
                new NodeParts(
                    models,
                    embeddings,
                    scripts,
                    http,
                    new McpServers(http, EngineParts.mcp(settings.mcp())),
                    tables,
                    clock,
                    ownAddresses(settings.http())),
                extensions.nodes(),
                extensions.tools()),
            EngineParts.engine(settings.limits()),
            clock);
    runs = new RunStore(database, clock, System::getenv, recovers);
    var snapshots = new FlowSnapshots(texts, json);
    var called = new CalledFlows(new ChatFlowStore(database, clock), snapshots);
    files = LocalStorage.of(settings.storage(), new Workspaces(database));
    runner =
        new PredictionRunner(
            engine, snapshots, runs, credentials, runs, runs, called, files, aborts, json);
  }

  /** Returns what fetches for flows, guarded. */
  public HttpFetcher fetcher() {
    return http;
  }

  /** Returns what writes into vector stores, with the guards that flows have. */
  public VectorWriters vectors() {
    return vectors;
  }

  /** Returns what a Flowise server stored. */
  public StoredFiles files() {
    return files;
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
}
