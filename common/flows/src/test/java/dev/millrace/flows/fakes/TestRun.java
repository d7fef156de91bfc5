package dev.millrace.flows.fakes;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.EngineSettings;
import dev.millrace.flows.engine.EventSink;
import dev.millrace.flows.engine.FlowEngine;
import dev.millrace.flows.engine.FlowEvent;
import dev.millrace.flows.engine.NodeRecord;
import dev.millrace.flows.engine.Past;
import dev.millrace.flows.engine.RunJournal;
import dev.millrace.flows.engine.RunPorts;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.Secrets;
import dev.millrace.flows.engine.StoredFiles;
import dev.millrace.flows.engine.StoredFlows;
import dev.millrace.flows.mcp.McpServers;
import dev.millrace.flows.mcp.McpSettings;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.models.EmbeddingModels;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.nodes.NodeParts;
import dev.millrace.flows.nodes.StandardNodes;
import dev.millrace.flows.retrieval.SqlVectors;
import dev.millrace.flows.script.ScriptSandbox;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs a flow with fakes around it, and keeps what came out. To be used once. */
public final class TestRun {
  /** The time at which all test runs happen. */
  public static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

  private final Flow flow;
  private final List<FlowEvent> events = new ArrayList<>();
  private final Map<String, Flow> callable = new HashMap<>();
  private ChatModels models = FakeModels.counting();
  private ScriptSandbox scripts = new FakeScripts();
  private HttpFetcher fetcher =
      (request, cancellation) -> {
        throw new AssertionError("nothing should be fetched");
      };
  private EmbeddingModels embeddings = new FakeEmbeddings();
  private McpServers mcp =
      new McpServers(
          new GuardedHttp(AddressPolicy.strict(), FetchLimits.DEFAULT), McpSettings.HTTP_ONLY);
  private FakeStore store = FakeStore.EMPTY;
  private StoredFiles files = StoredFiles.NONE;
  private Secrets secrets = id -> Json.object().put("openAIApiKey", "key of " + id);
  private EngineSettings settings = EngineSettings.DEFAULT;
  private RunJournal journal = RunJournal.NONE;
  private ObjectNode apiConfig = Json.object();
  private ObjectNode chatbotConfig = Json.object();
  private Cancellation cancellation = Cancellation.none();
  private String chatType = "EXTERNAL";

  private TestRun(Flow flow) {
    this.flow = flow;
  }

  public static TestRun of(Flow flow) {
    return new TestRun(flow);
  }

  public static TestRun of(String resource) {
    return new TestRun(TestFlows.resource(resource));
  }

  public TestRun with(ChatModels fake) {
    models = fake;
    return this;
  }

  public TestRun with(ScriptSandbox fake) {
    scripts = fake;
    return this;
  }

  public TestRun with(HttpFetcher fake) {
    fetcher = fake;
    return this;
  }

  public TestRun with(EmbeddingModels fake) {
    embeddings = fake;
    return this;
  }

  public TestRun with(McpServers servers) {
    mcp = servers;
    return this;
  }

  public TestRun with(FakeStore fake) {
    store = fake;
    return this;
  }

  public TestRun with(Secrets fake) {
    secrets = fake;
    return this;
  }

  /** Lets it find what a Flowise server stored. */
  public TestRun storing(StoredFiles fake) {
    files = fake;
    return this;
  }

  public TestRun with(EngineSettings changed) {
    settings = changed;
    return this;
  }

  public TestRun with(RunJournal fake) {
    journal = fake;
    return this;
  }

  public TestRun with(Cancellation given) {
    cancellation = given;
    return this;
  }

  /** Sets who asks, e.g. {@code WEBHOOK}. */
  public TestRun chatType(String type) {
    chatType = type;
    return this;
  }

  /** Sets the override permissions. */
  public TestRun permitting(String json) {
    apiConfig = (ObjectNode) Json.read(json);
    return this;
  }

  /** Has every answer changed by a script. */
  public TestRun postProcessedBy(String code) {
    chatbotConfig
        .putObject("postProcessing")
        .put("enabled", true)
        .put("customFunction", Json.text(code).toString());
    return this;
  }

  /** Has every answer followed by suggestions. */
  public TestRun followedUpBy(String json) {
    chatbotConfig.set("followUpPrompts", Json.read(json));
    return this;
  }

  public RunResult ask(String question) {
    return send(Json.object().put("question", question));
  }

  public RunResult sendJson(String body) {
    return send((ObjectNode) Json.read(body));
  }

  public RunResult send(ObjectNode body) {
    return engine().run(request(body), ports(events::add), cancellation);
  }

  /** Takes a run up again. */
  public RunResult resume(ObjectNode body, Past past) {
    return engine().run(request(body), ports(events::add), cancellation, past);
  }

  /** Lets a flow call another one. */
  public TestRun calling(String id, Flow called) {
    callable.put(id, called);
    return this;
  }

  public FlowEngine engine() {
    InstantSource clock = InstantSource.fixed(NOW);
    var parts = new NodeParts(models, embeddings, scripts, fetcher, mcp, SqlVectors.NONE, clock);
    return new FlowEngine(StandardNodes.catalog(parts), settings, clock);
  }

  public RunPorts ports(EventSink sink) {
    return new RunPorts(store, secrets, journal, sink, this::find, files);
  }

  private Optional<StoredFlows.StoredFlow> find(String id, String workspace) {
    return Optional.ofNullable(callable.get(id))
        .map(called ->
            new StoredFlows.StoredFlow(
                id, "Flow " + id, "AGENTFLOW", called, Json.object(), chatbotConfig));
  }

  public RunRequest request(ObjectNode body) {
    return new RunRequest(
        new UUID(0, 1),
        new UUID(0, 2),
        flow,
        "flow-1",
        "workspace-1",
        "chat-1",
        "session-1",
        false,
        body,
        body,
        apiConfig,
        chatbotConfig,
        true,
        chatType,
        NOW);
  }

  /** Returns the events of the run, each as the stream would carry it. */
  public List<String> events() {
    return events.stream().map(TestRun::shown).toList();
  }

  /** Returns the tokens of the run, joined. */
  public String tokens() {
    var text = new StringBuilder();
    events.stream()
        .filter(event -> event.name().equals("token"))
        .forEach(event -> text.append(event.data().asString()));
    return text.toString();
  }

  public static List<String> ids(RunResult result) {
    return result.records().stream().map(NodeRecord::nodeId).toList();
  }

  /** Returns the events of a name. */
  public List<JsonNode> data(String event) {
    return events.stream().filter(one -> one.name().equals(event)).map(FlowEvent::data).toList();
  }

  /** Returns the record of a node. */
  public static JsonNode data(RunResult result, String nodeId) {
    return result.records().stream()
        .filter(record -> record.nodeId().equals(nodeId))
        .findFirst()
        .orElseThrow(() -> new AssertionError(nodeId + " has not run: " + ids(result)))
        .data();
  }

  private static String shown(FlowEvent event) {
    var json = Json.object().put("event", event.name());
    json.set("data", event.data());
    return json.toString();
  }
}
