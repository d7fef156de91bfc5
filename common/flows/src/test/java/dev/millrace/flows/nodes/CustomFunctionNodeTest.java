package dev.millrace.flows.nodes;

import static dev.millrace.flows.fakes.TestRun.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.FakeStore;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.script.ScriptException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

class CustomFunctionNodeTest {
  @Test
  void showsTheScriptItsInputs() {
    var seen = new TreeMap<String, JsonNode>();
    var store = new FakeStore(List.of(new ChatTurn("user", "before")), Map.of("v", "1"), null);
    RunResult result =
        function(
                "\"customFunctionInputVariables\":[{\"variableName\":\"n\","
                    + "\"variableValue\":\"<p>{{ question }}!</p>\"}]")
            .with(
                new FakeScripts((script, cancellation) -> {
                  seen.putAll(script.globals());
                  return MissingNode.getInstance();
                }))
            .with(store)
            .ask("q");
    assertThat(seen.keySet()).containsExactly("$flow", "$input", "$n", "$vars");
    assertThat(seen.get("$input")).isEqualTo(Json.text("q"));
    assertThat(seen.get("$n")).isEqualTo(Json.text("q!"));
    assertThat(seen.get("$vars")).hasToString("{\"v\":\"1\"}");
    assertThat(Json.object().setAll(seen).path("$flow"))
        .hasToString(
            "{\"input\":\"q\",\"chatflowId\":\"flow-1\",\"chatflowid\":\"flow-1\","
                + "\"sessionId\":\"session-1\",\"chatId\":\"chat-1\","
                + "\"apiMessageId\":\"00000000-0000-0000-0000-000000000002\","
                + "\"chatHistory\":[{\"content\":\"before\",\"role\":\"user\"}],"
                + "\"runtimeChatHistoryLength\":0,\"state\":{\"s\":\"0\"}}");
    var data = data(result, "customFunctionAgentflow_0");
    assertThat(data.path("output")).as("undefined is no content").hasToString("{}");
    assertThat(data.path("input"))
        .hasToString(
            "{\"inputVariables\":[{\"variableName\":\"n\",\"variableValue\":\"q!\"}],"
                + "\"code\":\"code {{ question }}\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "text"          | "text"
          5               | 5
          {"a":[1]}       | "{\\n  \\"a\\": [\\n    1\\n  ]\\n}"
          "{a: 1,}"       | "{\\n  \\"a\\": 1\\n}"
          "[broken"       | "[broken"
          """)
  void showsWhatItReturned(String returned, String content) {
    RunResult result =
        function("\"customFunctionUpdateState\":[{\"key\":\"s\",\"value\":\"{{ output }}\"}]")
            .with(new FakeScripts((script, cancellation) -> Json.read(returned)))
            .ask("q");
    var data = data(result, "customFunctionAgentflow_0");
    assertThat(data.at("/output/content")).hasToString(content);
    assertThat(data.at("/state/s")).hasToString(content);
  }

  @Test
  void aFailingScriptFailsTheRun() {
    RunResult result =
        function("\"x\":1")
            .with(
                new FakeScripts((script, cancellation) -> {
                  throw new ScriptException("NodeVM Execution Error: x is not defined", null);
                }))
            .ask("q");
    assertThat(result.error())
        .isEqualTo(
            "Error in Custom Function node \"F\" (customFunctionAgentflow_0)"
                + " (customFunctionJavascriptFunction): NodeVM Execution Error: x is not defined");
  }

  private static TestRun function(String inputs) {
    return FlowDraft.start("{\"startState\":[{\"key\":\"s\",\"value\":\"0\"}]}")
        .then(
            "customFunctionAgentflow_0",
            "F",
            "{\"customFunctionJavascriptFunction\":\"code {{ question }}\"," + inputs + "}")
        .run();
  }
}
