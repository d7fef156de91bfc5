package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.Compat;
import dev.millrace.flows.engine.FlowCall;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.NodeInputs;
import dev.millrace.flows.tools.RemoteFlows;
import dev.millrace.flows.tools.ToolScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs another flow and goes on with its answer (§4.14): one of the workspace in this process,
 * where Flowise calls its own API, and one of another server over HTTP, with the key of the
 * credential. Errors are errors.
 */
final class ExecuteFlowNode implements NodeRunner {
  /** What the last node of the called flow may have put out besides its text. */
  private static final List<String> PASSED_ON =
      List.of("sourceDocuments", "usedTools", "artifacts", "fileAnnotations");

  private final RemoteFlows remote;

  ExecuteFlowNode(RemoteFlows remote) {
    this.remote = remote;
  }

  /** What the called flow said, and what of its output is passed on. */
  private record Said(String text, JsonNode output) {}

  @Override
  public NodeOutcome run(NodeContext context) {
    NodeInputs inputs = context.inputs();
    String flowId = inputs.text("executeFlowSelectedFlow");
    if (flowId.isEmpty()) {
      throw new FlowException("No flow is chosen in node " + context.node().title() + ".");
    }
    if (flowId.equals(context.request().flowId())) {
      throw new FlowException(
          "Node " + context.node().title() + " runs its own flow: choose another one.");
    }
    String question = inputs.text("executeFlowInput");
    ObjectNode overrides = inputs.object("executeFlowOverrideConfig");
    String baseUrl = inputs.text("executeFlowBaseURL").strip();
    Said answer =
        remote.isElsewhere(baseUrl)
            ? there(context, baseUrl, flowId, question, overrides)
            : here(context, new FlowCall(flowId, "", question, overrides, null));
    String text = answer.text();
    ObjectNode output = Json.object().put("content", text);
    PASSED_ON.stream()
        .filter(answer.output()::has)
        .forEach(name -> output.set(name, answer.output().path(name)));
    emit(context, text, output);
    ObjectNode input = Json.object();
    input.putArray("messages").add(Json.object().put("role", "user").put("content", question));
    ObjectNode state = context.stateAfter("executeFlowUpdateState", Json.text(text));
    return new NodeOutcome.Done(
        new NodeOutcome.Result(input, output, state, said(context, question, text)));
  }

  private static Said here(NodeContext context, FlowCall call) {
    RunResult result = context.runFlow(call);
    String text = text(context, result);
    JsonNode output =
        result.records().isEmpty()
            ? Json.object()
            : result.records().getLast().data().path("output");
    return new Said(text, output);
  }

  private Said there(
      NodeContext context, String baseUrl, String flowId, String question, ObjectNode overrides) {
    String credential = context.node().data().path("credential").asString("");
    String key = context.credential(credential).path("chatflowApiKey").asString("");
    String chatId = context.request().chatId();
    JsonNode answer;
    try {
      answer =
          remote.ask(
              new RemoteFlows.Question(baseUrl, key, flowId, question, chatId, overrides),
              ToolScope.of(context));
    } catch (FlowCancelledException e) {
      throw e;
    } catch (FlowException e) {
      throw new FlowException(
          "The flow that " + context.node().title() + " runs failed: " + e.getMessage(), e);
    }
    if (answer.path("action").isObject()) {
      throw asksAHuman(context);
    }
    if (answer.path("text").isString()) {
      return new Said(answer.path("text").stringValue(), answer);
    }
    String text =
        answer.has("json")
            ? "```json\n" + Json.pretty(answer.path("json")) + "\n```"
            : Json.pretty(answer);
    return new Said(text, answer);
  }

  private static FlowException asksAHuman(NodeContext context) {
    return new FlowException(
        "The flow that "
            + context.node().title()
            + " runs asks a human, who cannot be reached from here: ask in this flow.");
  }

  private static String text(NodeContext context, RunResult result) {
    return switch (result.status()) {
      case FINISHED -> result.text();
      case STOPPED -> throw asksAHuman(context);
      case ERROR, TERMINATED, TIMEOUT, INPROGRESS ->
          throw new FlowException(
              "The flow that " + context.node().title() + " runs failed: " + result.error());
    };
  }

  private static void emit(NodeContext context, String text, ObjectNode output) {
    if (!context.isLast()) {
      return;
    }
    context.events().token(text);
    for (String name : PASSED_ON) {
      if (output.path(name) instanceof ArrayNode rows && !rows.isEmpty()) {
        context.events().emit(name, rows);
      }
    }
  }

  private static List<ChatTurn> said(NodeContext context, String question, String text) {
    var said = new ArrayList<ChatTurn>();
    if (context.runHistory().isEmpty()) {
      said.add(new ChatTurn("user", question));
    }
    boolean assistant =
        !context.keeps(Compat.PREVIOUS_ANSWER_AS_USER)
            || context.inputs().text("executeFlowReturnResponseAs").equals("assistantMessage");
    String name = context.node().label().toLowerCase(Locale.ROOT).replaceAll("\\s", "_");
    said.add(new ChatTurn(assistant ? "assistant" : "user", text, name, null));
    return said;
  }
}
