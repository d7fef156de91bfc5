package dev.millrace.flows.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.lint.FlowLint;
import dev.millrace.flows.model.FlowFormatException;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.Json;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Flows that nobody should draw: a clear error or an answer, and never a hang. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class BadFlowsTest {
  private static final int MEGA = 1_000_000;

  @Test
  void fiveThousandNodes() {
    var draft = FlowDraft.start();
    for (var i = 0; i < 4_999; i++) {
      draft.then("directReplyAgentflow_" + i, "R" + i, "{\"directReplyMessage\":\"" + i + "\"}");
    }
    var flow = draft.flow();
    assertThat(FlowLint.lint(flow)).isEmpty();
    var run = draft.run();
    assertThat(run.engine().check(flow)).isEmpty();
    RunResult limited = quietly(run);
    assertThat(limited.status()).isEqualTo(RunStatus.ERROR);
    assertThat(limited.error()).contains("MAX_ITERATIONS");
    RunResult whole = quietly(draft.run().with(EngineSettings.DEFAULT.withMaxIterations(10_000)));
    assertThat(whole.text()).isEqualTo("4998");
  }

  @Test
  void fiveThousandNodesSideBySide() {
    var draft = FlowDraft.start();
    for (var i = 0; i < 4_999; i++) {
      draft
          .node("directReplyAgentflow_" + i, "R" + i, "{\"directReplyMessage\":\"" + i + "\"}")
          .edge("startAgentflow_0", "directReplyAgentflow_" + i);
    }
    RunResult result = quietly(draft.run().with(EngineSettings.DEFAULT.withMaxIterations(10_000)));
    assertThat(result.records()).hasSize(5_000);
    assertThat(result.text()).isEqualTo("4998");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void anEdgeThatIsDrawnSeveralTimesCountsOnce(int times) {
    var draft =
        FlowDraft.start()
            .then("directReplyAgentflow_0", "R", "{\"directReplyMessage\":\"r\"}")
            .then("directReplyAgentflow_1", "S", "{\"directReplyMessage\":\"s\"}");
    for (var i = 1; i < times; i++) {
      draft
          .edge("startAgentflow_0", "directReplyAgentflow_0")
          .edge("directReplyAgentflow_0", "directReplyAgentflow_1");
    }
    RunResult result = quietly(draft.run());
    assertThat(TestRun.ids(result))
        .containsExactly("startAgentflow_0", "directReplyAgentflow_0", "directReplyAgentflow_1");
    assertThat(result.text()).isEqualTo("s");
  }

  @Test
  void manyReferencesToManyNodes() {
    var draft = FlowDraft.start();
    for (var i = 0; i < 500; i++) {
      draft.then("directReplyAgentflow_" + i, "R" + i, "{\"directReplyMessage\":\"x\"}");
    }
    var all = new StringBuilder();
    for (var i = 0; i < 500; i++) {
      all.append("{{ directReplyAgentflow_").append(i).append(" }}");
    }
    draft.then("directReplyAgentflow_500", "last", "{\"directReplyMessage\":\"" + all + "\"}");
    assertThat(FlowLint.lint(draft.flow())).isEmpty();
    assertThat(quietly(draft.run()).text()).isEqualTo("x".repeat(500));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{",
        "{{\\n",
        "{{{{ }}",
        "}}{{",
        "{{ question }}",
        "<p>",
        "<b><i>",
        "{{ a.b[",
        "\\\\{"
      })
  void megabytesOfBraces(String piece) {
    String text = piece.repeat(MEGA / piece.length());
    RunResult result =
        quietly(
            FlowDraft.start()
                .then("directReplyAgentflow_0", "R", "{\"directReplyMessage\":\"" + text + "\"}")
                .run());
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  void aReferenceThatGrowsIsFilledInOnce() {
    String bomb = "{{ question }}".repeat(1_000);
    RunResult result =
        FlowDraft.start()
            .then("directReplyAgentflow_0", "R", "{\"directReplyMessage\":\"" + bomb + "\"}")
            .run()
            .ask(bomb);
    assertThat(result.text()).hasSize(1_000 * bomb.length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{{ question }}", "{{ $flow.state.s }}"})
  void aReferenceThatGrowsWithoutEndIsAnError(String reference) {
    String bomb = reference.repeat(100_000);
    String large = "x".repeat(MEGA);
    String state = "{\"startState\":[{\"key\":\"s\",\"value\":\"" + large + "\"}]}";
    RunResult result =
        FlowDraft.start(state)
            .then("directReplyAgentflow_0", "R", "{\"directReplyMessage\":\"" + bomb + "\"}")
            .run()
            .ask(large);
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error())
        .hasSizeLessThan(1_000)
        .contains("\"R\"", "directReplyMessage", "33554432");
  }

  @Test
  void aStateThatGrowsWithoutEndIsAnError() {
    var inputs = Json.object().put("customFunctionJavascriptFunction", "return 'x'");
    inputs
        .putArray("customFunctionUpdateState")
        .addObject()
        .put("key", "s")
        .put("value", "{{ output }}{{ question }}".repeat(1_000));
    RunResult result =
        FlowDraft.start()
            .then("customFunctionAgentflow_0", "F", inputs.toString())
            .run()
            .ask("x".repeat(MEGA));
    assertThat(result.error())
        .hasSizeLessThan(1_000)
        .contains("customFunctionUpdateState", "33554432");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<ul><li>",
        "<table><tr><td>",
        "<a href='",
        "<!--",
        "<pre><code>",
        "<blockquote>",
        "</p>",
        "&",
      })
  void megabytesOfMarkup(String piece) {
    String text = "<p>" + piece.repeat(MEGA / piece.length());
    RunResult result =
        quietly(
            FlowDraft.start()
                .then("directReplyAgentflow_0", "R", "{\"directReplyMessage\":\"" + text + "\"}")
                .run());
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ $flow.state.PATH }}",
        "{{ startAgentflow_0.output.PATH }}",
        "{{ $form.PATH }}"
      })
  void pathsWithoutEnd(String reference) {
    String path = reference.replace("PATH", "a" + ".a[0]".repeat(200_000));
    RunResult result =
        quietly(
            FlowDraft.start()
                .then("directReplyAgentflow_0", "R", "{\"directReplyMessage\":\"" + path + "\"}")
                .run());
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          startState                       | startAgentflow_0
          llmMessages                      | llmAgentflow_0
          llmUpdateState                   | llmAgentflow_0
          llmStructuredOutput              | llmAgentflow_0
          agentTools                       | agentAgentflow_0
          agentMessages                    | agentAgentflow_0
          conditions                       | conditionAgentflow_0
          customFunctionInputVariables     | customFunctionAgentflow_0
          """)
  void listsThatAreNoListsOrNestedWithoutEndAreNamed(String parameter, String node) {
    for (String text : java.util.List.of("[{", "7", "[".repeat(100_000), "{{{{")) {
      var inputs = Json.object().put(parameter, text);
      if (node.startsWith("llm")) {
        inputs.put("llmModel", "chatOpenAI");
      }
      if (node.startsWith("agent")) {
        inputs.put("agentModel", "chatOpenAI");
      }
      var draft =
          node.startsWith("start")
              ? FlowDraft.start(inputs.toString())
              : FlowDraft.start().then(node, "N", inputs.toString());
      RunResult result = draft.run().ask("q");
      assertThat(result.status()).as("%s = %.20s", parameter, text).isEqualTo(RunStatus.ERROR);
      assertThat(result.error()).as("%s = %.20s", parameter, text).contains(node, parameter);
      assertThat(result.error()).hasSizeLessThan(2_000);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          conditionAgentflow_0      | "conditions":"[{"                         | conditions
          httpAgentflow_0           | "url":"http://h","headers":"nope"         | headers
          httpAgentflow_0           | "method":"POST","url":"http://h","bodyType":"formData","body":"nope" | body
          customFunctionAgentflow_0 | "customFunctionInputVariables":"{"        | customFunctionInputVariables
          """)
  void invalidJsonIsNamed(String node, String inputs, String parameter) {
    RunResult result = FlowDraft.start().then(node, "The node", "{" + inputs + "}").run().ask("q");
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error()).contains("The node", node, parameter);
  }

  @Test
  void invalidJsonInTheStateIsNamed() {
    RunResult result = FlowDraft.start("{\"startState\":\"[{\"}").run().ask("q");
    assertThat(result.error()).contains("startAgentflow_0", "startState");
  }

  @Test
  void unknownOperationsAreNamed() {
    RunResult result =
        FlowDraft.start()
            .then(
                "conditionAgentflow_0",
                "C",
                "{\"conditions\":[{\"type\":\"number\",\"value1\":1,\"operation\":\"resembles\"}]}")
            .run()
            .ask("q");
    assertThat(result.error()).contains("\"C\"", "condition 1", "conditions", "resembles");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nope",
        "[]",
        "{}",
        "{\"nodes\":{}}",
        "{\"nodes\":[1]}",
        "{\"nodes\":[{}]}",
        "{\"flowData\":\"{\"}",
        "{\"nodes\":",
      })
  void whatIsNoFlowIsSaid(String text) {
    assertThatThrownBy(() -> FlowParser.parse(text)).isInstanceOf(FlowFormatException.class);
  }

  @Test
  void nestingWithoutEndIsSaid() {
    String deep = "{\"nodes\":" + "[".repeat(MEGA) + "}";
    assertThatThrownBy(() -> FlowParser.parse(deep)).isInstanceOf(FlowFormatException.class);
  }

  /** As a caller that does not stream: the records are not sent after every node. */
  private static RunResult quietly(TestRun run) {
    var body = Json.object().put("question", "q");
    return run.engine().run(run.request(body), run.ports(EventSink.NONE), Cancellation.none());
  }
}
