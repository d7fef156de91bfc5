package dev.millrace.bench;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.EngineSettings;
import dev.millrace.flows.engine.EventSink;
import dev.millrace.flows.engine.FlowEngine;
import dev.millrace.flows.engine.FlowStore;
import dev.millrace.flows.engine.RunJournal;
import dev.millrace.flows.engine.RunPorts;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.flows.mcp.McpServers;
import dev.millrace.flows.mcp.McpSettings;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.LangChainChatModels;
import dev.millrace.flows.models.LangChainEmbeddings;
import dev.millrace.flows.models.ModelLimits;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.nodes.NodeParts;
import dev.millrace.flows.nodes.StandardNodes;
import dev.millrace.flows.retrieval.SqlVectors;
import dev.millrace.flows.script.GraalSandbox;
import dev.millrace.flows.script.ScriptLimits;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** The engine with nodes that cost next to nothing, so that what is left is its own. */
public final class EngineRuns implements AutoCloseable {
  static final HttpFetcher.Response ANSWER =
      new HttpFetcher.Response(
          200, "OK", Map.of(), "{\"ok\":true}".getBytes(StandardCharsets.UTF_8));
  private static final FlowStore NO_PAST =
      new FlowStore() {
        @Override
        public List<ChatTurn> history(String flowId, String sessionId, UUID run) {
          return List.of();
        }

        @Override
        public Optional<PreviousRun> previousRun(String flowId, String sessionId) {
          return Optional.empty();
        }

        @Override
        public Map<String, String> variables(String workspaceId) {
          return Map.of();
        }

        @Override
        public Optional<StoredTool> tool(String id, String workspaceId) {
          return Optional.empty();
        }

        @Override
        public Optional<StoredDocuments> documents(String id, String workspaceId) {
          return Optional.empty();
        }

        @Override
        public List<StoredPiece> pieces(String storeId, int from, int limit) {
          return List.of();
        }
      };

  private final GuardedHttp http =
      new GuardedHttp(
          AddressPolicy.of(true, List.of(), List.of("127.0.0.0/8")), FetchLimits.DEFAULT);
  private final GraalSandbox scripts = new GraalSandbox(ScriptLimits.DEFAULT);
  private final Clock clock = Clock.systemUTC();
  private final FlowEngine engine;
  private final String flowId = UUID.randomUUID().toString();

  EngineRuns() {
    this((request, cancellation) -> ANSWER);
  }

  /**
   * @param fetcher answers the HTTP nodes; models are really called
   */
  EngineRuns(HttpFetcher fetcher) {
    engine =
        new FlowEngine(
            StandardNodes.catalog(
                new NodeParts(
                    new LangChainChatModels(http, ModelLimits.DEFAULT),
                    new LangChainEmbeddings(http, ModelLimits.DEFAULT),
                    scripts,
                    fetcher,
                    new McpServers(http, McpSettings.HTTP_ONLY),
                    SqlVectors.NONE,
                    clock)),
            EngineSettings.DEFAULT,
            clock);
  }

  /** Returns a Start node and a chain of HTTP nodes behind it, each with two templates. */
  static Flow chain(int steps) {
    var json = Json.object();
    var nodes = json.putArray("nodes");
    var edges = json.putArray("edges");
    var before = "startAgentflow_0";
    node(nodes.addObject(), before, "startAgentflow").put("startInputType", "chatInput");
    for (var i = 0; i < steps; i++) {
      var id = "httpAgentflow_" + i;
      node(nodes.addObject(), id, "httpAgentflow")
          .put("method", "POST")
          .put("url", "http://example.org/{{ question }}")
          .put("bodyType", "raw")
          .put("body", "{{ " + before + ".output.http.data.ok }}");
      edges
          .addObject()
          .put("source", before)
          .put("sourceHandle", before + "-output-" + before.replaceFirst("_\\d+$", ""))
          .put("target", id);
      before = id;
    }
    return FlowParser.parse(json).flow();
  }

  static ObjectNode node(ObjectNode node, String id, String name) {
    var data = node.put("id", id).putObject("data");
    data.put("name", name).put("label", id).put("category", "Agent Flows");
    return data.putObject("inputs");
  }

  /** Runs a flow to its end. */
  RunResult run(Flow flow, String workspace, RunJournal journal) {
    var chat = UUID.randomUUID().toString();
    var request =
        new RunRequest(
            UUID.randomUUID(),
            UUID.randomUUID(),
            flow,
            flowId,
            workspace,
            chat,
            chat,
            true,
            Json.object().put("question", "q"),
            Json.object(),
            false,
            "EXTERNAL",
            clock.instant());
    var ports = new RunPorts(NO_PAST, id -> Json.object(), journal, EventSink.NONE);
    var result = engine.run(request, ports, new Cancellation());
    if (result.status() != RunStatus.FINISHED) {
      throw new IllegalStateException("a run of the benchmark failed: " + result.error());
    }
    return result;
  }

  @Override
  public void close() {
    scripts.close();
    http.close();
  }
}
