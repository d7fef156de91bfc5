package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.AnswerFilter;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.script.ScriptException;
import dev.millrace.flows.script.ScriptSandbox;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The script that a flow's owner lets look at every answer ({@code chatbotConfig.postProcessing},
 * §3.10). What goes wrong in it is logged, and the answer stays as it was.
 */
final class PostProcessing implements AnswerFilter {
  private static final Logger LOG = LoggerFactory.getLogger(PostProcessing.class);

  private final ScriptSandbox scripts;

  PostProcessing(ScriptSandbox scripts) {
    this.scripts = scripts;
  }

  @Override
  public String filter(RunResult result, Run run) {
    if (!run.request().isPostProcessed()) {
      return result.text();
    }
    JsonNode written = run.request().chatbotConfig().path("postProcessing").path("customFunction");
    // The canvas stores the code as JSON within the JSON; a file may have it plain.
    JsonNode decoded = LenientJson.readOrMissing(written.asString(""));
    String code = decoded.isString() ? decoded.stringValue() : written.asString("");
    if (code.isBlank()) {
      return result.text();
    }
    try {
      var script = new ScriptSandbox.Script(code, globals(result, run));
      return text(scripts.run(script, run.cancellation()));
    } catch (ScriptException e) {
      LOG.warn(
          "The post-processing of flow {} failed, its answer stays as it was: {}",
          run.request().flowId(),
          e.getMessage());
      return result.text();
    }
  }

  private static Map<String, JsonNode> globals(RunResult result, Run run) {
    var request = run.request();
    ObjectNode flow = Json.object();
    flow.put("chatflowId", request.flowId());
    flow.put("sessionId", request.sessionId());
    flow.put("chatId", request.chatId());
    if (run.input() != null) {
      flow.put("input", run.input());
    }
    flow.put("rawOutput", result.text());
    flow.set("chatHistory", run.chatHistory().get());
    JsonNode output =
        result.records().isEmpty()
            ? Json.object()
            : result.records().getLast().data().path("output");
    for (String member : List.of("sourceDocuments", "usedTools", "artifacts", "fileAnnotations")) {
      JsonNode given = output.path(member);
      flow.set(member, given.isMissingNode() ? Json.array() : given);
    }
    var variables = Json.object();
    run.variables().get().forEach(variables::put);
    var globals = new HashMap<String, JsonNode>();
    globals.put("$flow", flow);
    globals.put("$vars", variables);
    globals.put("$input", flow.path("input"));
    return globals;
  }

  private static String text(JsonNode value) {
    return value.isContainer()
        ? "```json\n" + Json.pretty(value) + "\n```"
        : value.isMissingNode() ? "" : JsonText.of(value);
  }
}
