package dev.millrace.platform.cli;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.EngineSettings;
import dev.millrace.flows.engine.EventSink;
import dev.millrace.flows.engine.FlowEngine;
import dev.millrace.flows.engine.RunJournal;
import dev.millrace.flows.engine.RunPorts;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunResult;
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
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs a flow in this process: no database, no queue, no past. The file may be a case, which says
 * besides what its models answer and what has to come out: {@code {flow, script, question,
 * expect}}.
 */
final class LocalRun {
  /** Local models are the usual ones here. */
  private static final List<String> MODEL_NETWORKS = List.of("127.0.0.0/8", "::1/128", "localhost");

  private final NamedFlow flow;
  private final JsonNode file;
  private final @Nullable JsonNode script;

  private LocalRun(NamedFlow flow, JsonNode file, @Nullable JsonNode script) {
    this.flow = flow;
    this.file = file;
    this.script = script;
  }

  static LocalRun of(Path path, @Nullable Path model) {
    var flows = FlowFiles.read(path);
    if (flows.size() != 1) {
      throw new CliException(path + " holds " + flows.size() + " flows: run one at a time");
    }
    var file = FlowFiles.json(path);
    var script = model != null ? FlowFiles.json(model) : file.has("script") ? file : null;
    return new LocalRun(flows.getFirst(), file, script);
  }

  /** Returns what can run. */
  static Supported supported() {
    var scripts = new GraalSandbox(ScriptLimits.DEFAULT);
    try (var http = http(List.of())) {
      var models = new ScriptedModels(Json.object());
      // Background jobs need a database, so their node runs on a server only.
      return StandardNodes.catalog(parts(models, scripts, http, http))
          .supported()
          .withNodes(PgTaskNode.names());
    } finally {
      scripts.close();
    }
  }

  /** Returns the request: what was given, or what the case asks. */
  ObjectNode input(@Nullable String question, @Nullable String form) {
    if (form != null) {
      if (Json.readOrMissing(form) instanceof ObjectNode fields) {
        return Json.object().set("form", fields);
      }
      throw new CliException("--form has to be a JSON object, not " + form);
    }
    if (question == null && file.path("form").isObject()) {
      return Json.object().set("form", file.path("form"));
    }
    var asked = question == null ? file.path("question").asString("") : question;
    return Json.object().put("question", asked);
  }

  RunResult run(ObjectNode input, Map<String, String> variables, List<String> allowed) {
    var modelHosts = new ArrayList<>(allowed);
    modelHosts.addAll(MODEL_NETWORKS);
    var clock = Clock.systemUTC();
    try (var http = http(allowed);
        var modelHttp = http(modelHosts);
        var scripts = new GraalSandbox(ScriptLimits.DEFAULT, http)) {
      var engine =
          new FlowEngine(
              StandardNodes.catalog(parts(models(modelHttp), scripts, http, modelHttp)),
              EngineSettings.DEFAULT,
              clock);
      var chat = UUID.randomUUID().toString();
      var request =
          new RunRequest(
              UUID.randomUUID(),
              UUID.randomUUID(),
              flow.flow(),
              "local",
              "local",
              chat,
              chat,
              true,
              input,
              Json.object(),
              false,
              "EXTERNAL",
              clock.instant());
      var ports =
          new RunPorts(new NoPast(variables), EnvironmentKeys.ALL, RunJournal.NONE, EventSink.NONE);
      return engine.run(request, ports, new Cancellation());
    }
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
      ChatModels models, ScriptSandbox scripts, GuardedHttp http, GuardedHttp modelHttp) {
    return new NodeParts(
        models,
        new LangChainEmbeddings(modelHttp, ModelLimits.DEFAULT),
        scripts,
        http,
        new McpServers(http, McpSettings.HTTP_ONLY),
        SqlVectors.NONE,
        Clock.systemUTC());
  }

  private ChatModels models(GuardedHttp http) {
    return script == null
        ? new LangChainChatModels(http, ModelLimits.DEFAULT)
        : new ScriptedModels(script);
  }

  private static GuardedHttp http(List<String> allowed) {
    return new GuardedHttp(AddressPolicy.of(true, List.of(), allowed), FetchLimits.DEFAULT);
  }
}
