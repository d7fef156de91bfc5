package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.model.NodeInputs;
import dev.millrace.flows.script.ScriptException;
import dev.millrace.flows.script.ScriptSandbox;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs JavaScript in the sandbox (§4.13, §6). */
final class CustomFunctionNode implements NodeRunner {
  private final ScriptSandbox scripts;

  CustomFunctionNode(ScriptSandbox scripts) {
    this.scripts = scripts;
  }

  @Override
  public NodeOutcome run(NodeContext context) {
    NodeInputs inputs = context.inputs();
    String code = inputs.text("customFunctionJavascriptFunction");
    JsonNode result = result(context, code);
    ObjectNode output = Json.object();
    if (!result.isMissingNode()) {
      output.set("content", content(result));
      if (context.isLast()) {
        context.events().token(JsonText.of(result));
      }
    }
    var input = Json.object();
    JsonNode variables = inputs.raw("customFunctionInputVariables");
    if (!variables.isMissingNode()) {
      input.set("inputVariables", variables);
    }
    input.put("code", code);
    JsonNode content = output.path("content");
    ObjectNode state =
        context.stateAfter(
            "customFunctionUpdateState", content.isMissingNode() ? Json.text("") : content);
    return new NodeOutcome.Done(new NodeOutcome.Result(input, output, state, List.of()));
  }

  private JsonNode result(NodeContext context, String code) {
    try {
      return scripts.run(new ScriptSandbox.Script(code, globals(context)), context.cancellation());
    } catch (ScriptException e) {
      throw new FlowException(
          "Error in Custom Function node "
              + context.node().title()
              + " (customFunctionJavascriptFunction): "
              + e.getMessage(),
          e);
    }
  }

  private static Map<String, JsonNode> globals(NodeContext context) {
    var globals = new HashMap<String, JsonNode>();
    String input = context.finalInput();
    JsonNode question = input == null ? MissingNode.getInstance() : Json.text(input);
    globals.put("$input", question);
    var variables = Json.object();
    context.variables().forEach(variables::put);
    globals.put("$vars", variables);
    var flow = Json.object();
    if (input != null) {
      flow.put("input", input);
    }
    for (String member :
        List.of(
            "chatflowId",
            "chatflowid",
            "sessionId",
            "chatId",
            "apiMessageId",
            "chatHistory",
            "runtimeChatHistoryLength",
            "state")) {
      flow.set(member, context.flow(member));
    }
    globals.put("$flow", flow);
    for (ObjectNode variable : context.inputs().rows("customFunctionInputVariables")) {
      String name = variable.path("variableName").asString("");
      if (!name.isEmpty()) {
        globals.put("$" + name, variable.path("variableValue"));
      }
    }
    return globals;
  }

  /** Containers, also those written as text, are shown as JSON that people can read. */
  private static JsonNode content(JsonNode result) {
    JsonNode value = result;
    if (result.isString()) {
      String text = result.stringValue().strip();
      boolean container =
          (text.startsWith("{") && text.endsWith("}"))
              || (text.startsWith("[") && text.endsWith("]"));
      value = container ? LenientJson.readOrMissing(text) : MissingNode.getInstance();
    }
    return value.isContainer() ? Json.text(Json.pretty(value)) : result;
  }
}
