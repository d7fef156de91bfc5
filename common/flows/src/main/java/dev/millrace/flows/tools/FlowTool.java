package dev.millrace.flows.tools;

import dev.millrace.flows.engine.FlowCall;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.ToolSpec;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks another flow ({@code ChatflowTool}, {@code agentAsTool}): in this process, or over HTTP when
 * its settings name another server.
 */
final class FlowTool implements Tool {
  private final RemoteFlows remote;
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

  private FlowTool(RemoteFlows remote, ToolOrder order) {
    this.remote = remote;
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

  static ToolMaker maker(RemoteFlows remote) {
    return order -> List.of(new FlowTool(remote, order));
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
    return remote.isElsewhere(baseUrl) ? there(question, chatId, scope) : here(question, chatId);
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
    JsonNode answer =
        remote.ask(
            new RemoteFlows.Question(baseUrl, apiKey, flowId, question, chatId, overrides), scope);
    JsonNode text = answer.path("text");
    return ToolResult.text(text.isMissingNode() ? Json.write(answer) : JsonText.of(text));
  }
}
