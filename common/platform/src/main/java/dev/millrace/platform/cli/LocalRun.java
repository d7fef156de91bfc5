package dev.millrace.platform.cli;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.EventSink;
import dev.millrace.flows.engine.FlowEngine;
import dev.millrace.flows.engine.NodeCatalog;
import dev.millrace.flows.engine.RunPorts;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.flows.mcp.McpServers;
import dev.millrace.flows.mcp.McpSettings;
import dev.millrace.flows.model.FlowFile.NamedFlow;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.Supported;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.models.LangChainChatModels;
import dev.millrace.flows.models.LangChainEmbeddings;
import dev.millrace.flows.models.ModelLimits;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.nodes.NodeParts;
import dev.millrace.flows.nodes.StandardNodes;
import dev.millrace.flows.retrieval.SqlVectors;
import dev.millrace.flows.script.GraalSandbox;
import dev.millrace.flows.script.ScriptLimits;
import dev.millrace.flows.script.ScriptSandbox;
import dev.millrace.platform.jobs.PgTaskNode;
import dev.millrace.platform.prediction.EngineParts;
import dev.millrace.platform.settings.Settings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs a flow in this process: no database, no queue, no past. The file may be a case, which says
 * besides what its models and humans answer and what has to come out: {@code {flow, script,
 * question, answers, expect}}.
 */
final class LocalRun {
  /** Local models are the usual ones here. */
  private static final List<String> MODEL_NETWORKS = List.of("127.0.0.0/8", "::1/128", "localhost");

  private final NamedFlow flow;
  private final JsonNode file;
  private final @Nullable JsonNode script;
  private final Surroundings surroundings;
  private final Clock clock = Clock.systemUTC();
  private final String chat = UUID.randomUUID().toString();
  private final UUID runId = UUID.randomUUID();
  private final UUID answerId = UUID.randomUUID();

  /**
   * What runs find around them.
   *
   * @param allowed hosts and blocks that the flow may reach besides those of the settings
   */
  record Surroundings(Settings settings, Library library, List<String> allowed) {}

  /**
   * How a run ended.
   *
   * @param unasked how many answers it did not ask for
   */
  record Ended(RunResult result, int unasked) {}

  private LocalRun(
      NamedFlow flow, JsonNode file, @Nullable JsonNode script, Surroundings surroundings) {
    this.flow = flow;
    this.file = file;
    this.script = script;
    this.surroundings = surroundings;
  }

  /**
   * @param name which flow, by its name or id; null when the file has only one
   */
  static LocalRun of(
      Path path, @Nullable String name, @Nullable Path model, Surroundings surroundings) {
    var flows = FlowFiles.read(path);
    if (name != null) {
      flows =
          flows.stream()
              .filter(one -> name.equals(one.id()) || name.equals(FlowFiles.name(one, path)))
              .toList();
    }
    if (flows.size() != 1) {
      throw new CliException(
          path
              + " holds "
              + flows.size()
              + (name == null ? " flows: say which with --flow" : " flows \"" + name + "\""));
    }
    var file = FlowFiles.json(path);
    var script = model != null ? FlowFiles.json(model) : file.has("script") ? file : null;
    return new LocalRun(flows.getFirst(), file, script, surroundings);
  }

  /** Returns what can run. */
  static Supported supported() {
    var scripts = new GraalSandbox(ScriptLimits.DEFAULT);
    try (var http = new GuardedHttp(AddressPolicy.strict(), FetchLimits.DEFAULT)) {
      var models = new ScriptedModels(Json.object());
      // Background jobs need a database, so their node runs on a server only.
      return StandardNodes.catalog(parts(models, scripts, http, http, McpSettings.HTTP_ONLY))
          .supported()
          .withNodes(PgTaskNode.names());
    } finally {
      scripts.close();
    }
  }

  /** Returns what it begins with. */
  LocalInput input(LocalInput.Given given) {
    return LocalInput.of(flow.flow(), file, given);
  }

  /** Returns what humans say to it: what was given, or what the case says. */
  List<ObjectNode> answers(List<String> given) {
    return given.isEmpty()
        ? Reply.all(file.path("answers"))
        : given.stream().map(Reply::read).toList();
  }

  Ended run(LocalInput input, List<ObjectNode> answers) {
    var settings = surroundings.settings();
    var modelHosts = new ArrayList<>(surroundings.allowed());
    modelHosts.addAll(MODEL_NETWORKS);
    try (var http = EngineParts.http(settings.outbound(), surroundings.allowed());
        var modelHttp = EngineParts.http(settings.outbound(), modelHosts);
        var scripts = EngineParts.scripts(settings.scripts(), http)) {
      var catalog = catalog(http, modelHttp, scripts);
      return run(
          new FlowEngine(catalog, EngineParts.engine(settings.limits()), clock), input, answers);
    }
  }

  private Ended run(FlowEngine engine, LocalInput input, List<ObjectNode> answers) {
    var journal = new LocalJournal();
    var library = surroundings.library();
    var ports = new RunPorts(library, EnvironmentKeys.ALL, journal, EventSink.NONE, library);
    var result = engine.run(request(input, null), ports, new Cancellation());
    var said = 0;
    while (result.status() == RunStatus.STOPPED && said < answers.size()) {
      var answer = answers.get(said++);
      var past = journal.answered(runId, answer);
      result = engine.run(request(input, answer), ports, new Cancellation(), past);
    }
    return new Ended(result, answers.size() - said);
  }

  private RunRequest request(LocalInput input, @Nullable ObjectNode answer) {
    var body = input.body();
    if (answer != null) {
      body = body.deepCopy().set("humanInput", answer);
    }
    var id = flow.id();
    return new RunRequest(
        runId,
        answerId,
        flow.flow(),
        id == null ? "local" : id,
        "local",
        chat,
        chat,
        true,
        body,
        Json.object(),
        false,
        input.chatType(),
        clock.instant());
  }

  private NodeCatalog catalog(GuardedHttp http, GuardedHttp modelHttp, ScriptSandbox scripts) {
    var mcp = EngineParts.mcp(surroundings.settings().mcp());
    if (script == null) {
      var models = new LangChainChatModels(modelHttp, ModelLimits.DEFAULT);
      return StandardNodes.catalog(parts(models, scripts, http, modelHttp, mcp));
    }
    var models = new ScriptedModels(script);
    return StandardNodes.catalog(parts(models, scripts, http, modelHttp, mcp))
        .wrapped(models::hearing);
  }

  /** Returns what came out otherwise than the case says it should; nothing when all is well. */
  Optional<String> mismatch(RunResult result) {
    var expected = file.path("expect");
    if (expected.has("status") && !text(expected, "status").equals(result.status().name())) {
      return Optional.of(
          "The run ended as " + result.status() + ", expected was " + text(expected, "status"));
    }
    if (expected.has("text") && !text(expected, "text").equals(result.text())) {
      return Optional.of("The answer is another than expected: " + text(expected, "text"));
    }
    var nodes = Json.array();
    result.records().forEach(record -> nodes.add(record.nodeId()));
    if (expected.has("nodes") && !expected.path("nodes").equals(nodes)) {
      return Optional.of(
          "Other nodes ran than expected: " + nodes + " instead of " + expected.path("nodes"));
    }
    return Optional.empty();
  }

  private static String text(JsonNode expected, String member) {
    return expected.path(member).asString("");
  }

  private static NodeParts parts(
      ChatModels models,
      ScriptSandbox scripts,
      GuardedHttp http,
      GuardedHttp modelHttp,
      McpSettings mcp) {
    return new NodeParts(
        models,
        new LangChainEmbeddings(modelHttp, ModelLimits.DEFAULT),
        scripts,
        http,
        new McpServers(http, mcp),
        SqlVectors.NONE,
        Clock.systemUTC());
  }
}
