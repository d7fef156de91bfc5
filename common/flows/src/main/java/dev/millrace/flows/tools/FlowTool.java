package dev.millrace.flows.tools;

import dev.millrace.flows.engine.FlowCall;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.ToolSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks another flow ({@code ChatflowTool}, {@code agentAsTool}): in this process, or over HTTP when
 * its settings name another server.
 */
final class FlowTool implements Tool {
  private final HttpCalls http;
  private final NodeContext context;
  private final String flowId;
  private final String baseUrl;
  private final String apiKey;
  private final String fixedInput;
  private final boolean usesQuestion;
  private final boolean newSession;
  private final boolean returnDirect;
  private final ObjectNode overrides;
  private final ToolSpec spec;

  private FlowTool(HttpCalls http, ToolOrder order) {
    this.http = http;
    this.context = order.context();
    String flow = order.text("selectedChatflow");
    this.flowId = flow.isEmpty() ? order.required("selectedAgentflow") : flow;
    if (flowId.equals(context.request().flowId())) {
      throw order.wrong("a flow cannot be a tool of itself: choose another");
    }
    this.baseUrl = order.text("baseURL");
    this.apiKey = order.text("chatflowApiKey");
    this.fixedInput = order.text("customInput");
    this.usesQuestion = order.config().flag("useQuestionFromChat");
    this.newSession = order.config().flag("startNewSession");
    this.returnDirect = order.config().flag("returnDirect");
    this.overrides = order.object("overrideConfig");
    String name = ToolNames.of(order.text("name"), "ask_flow");
    String description =
        order.text("description", "Asks another flow a question and tells its answer.");
    boolean fixed = usesQuestion || !fixedInput.isEmpty();
    this.spec =
        new ToolSpec(
            name,
            description,
            fixed ? Schemas.empty() : Schemas.text("input", "what to ask, in full sentences"));
  }

  static ToolMaker maker(HttpCalls http) {
    return order -> List.of(new FlowTool(http, order));
  }

  @Override
  public ToolSpec spec() {
    return spec;
  }

  @Override
  public boolean returnDirect() {
    return returnDirect;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolScope scope) {
    String question = arguments.path("input").asString("");
    if (!fixedInput.isEmpty()) {
      question = fixedInput;
    } else if (usesQuestion) {
      question = scope.input();
    }
    String chatId = newSession ? UUID.randomUUID().toString() : context.request().chatId();
    return baseUrl.isEmpty() ? here(question, chatId) : there(question, chatId, scope);
  }

  private ToolResult here(String question, String chatId) {
    // The same question of the same node is the same call, also when it is repeated after a crash.
    String key = spec.name() + " " + question;
    RunResult result =
        context.runFlow(new FlowCall(flowId, key, question, overrides, newSession ? chatId : null));
    if (result.status() != RunStatus.FINISHED) {
      String why = result.error() == null ? result.status().name() : result.error();
      throw new FlowException("The flow " + flowId + " gave no answer: " + why);
    }
    return ToolResult.text(result.text());
  }

  private ToolResult there(String question, String chatId, ToolScope scope) {
    ObjectNode body = Json.object().put("question", question).put("chatId", chatId);
    body.set("overrideConfig", overrides);
    var headers = new LinkedHashMap<String, String>();
    headers.put("flowise-tool", "true"); // keeps a Flowise server from streaming
    if (!apiKey.isEmpty()) {
      headers.put("Authorization", "Bearer " + apiKey);
    }
    String base = baseUrl.endsWith("/") ? baseUrl.substring(0, baseUrl.length() - 1) : baseUrl;
    String url = base + "/api/v1/prediction/" + HttpCalls.encoded(flowId);
    JsonNode answer = http.json("POST", url, headers, body, scope);
    JsonNode text = answer.path("text");
    return ToolResult.text(text.isMissingNode() ? Json.write(answer) : JsonText.of(text));
  }
}
