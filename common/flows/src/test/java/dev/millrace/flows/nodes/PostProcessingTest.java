package dev.millrace.flows.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.FakeStore;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.script.GraalSandbox;
import dev.millrace.flows.script.ScriptLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostProcessingTest {
  private static final GraalSandbox SCRIPTS = new GraalSandbox(ScriptLimits.DEFAULT);

  /** Too short for a first script, which the JVM has to load first. */
  private static final GraalSandbox IMPATIENT =
      new GraalSandbox(ScriptLimits.DEFAULT.withWall(Duration.ofSeconds(1)));

  @AfterAll
  static void close() {
    SCRIPTS.close();
    IMPATIENT.close();
  }

  private static Flow reply() {
    return FlowDraft.start()
        .then("directReplyAgentflow_0", "Reply", "{\"directReplyMessage\":\"pong {{ question }}\"}")
        .flow();
  }

  private static RunResult answer(String code) {
    return answer(code, SCRIPTS);
  }

  private static RunResult answer(String code, GraalSandbox scripts) {
    return TestRun.of(reply())
        .with(scripts)
        .with(new FakeStore(List.of(new ChatTurn("user", "before")), Map.of("v", "1"), null))
        .postProcessedBy(code)
        .ask("q");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "return $flow.rawOutput.toUpperCase()                | PONG Q",
        "return $flow.input + $input + $vars.v               | qq1",
        "return $flow.chatHistory[0].content                 | before",
        "return $flow.usedTools.length + $flow.chatId        | 0chat-1",
        "return await Promise.resolve(7)                     | 7",
        "return undefined                                    | ''",
      })
  void aScriptMakesTheAnswer(String code, String text) {
    RunResult result = answer(code);

    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(result.text()).isEqualTo(text);
    assertThat(result.records().getLast().data().path("output").path("content").asString())
        .as("records keep what the node said")
        .isEqualTo("pong q");
  }

  @Test
  void anObjectIsShownAsACodeBlock() {
    assertThat(answer("return {a: 1}").text()).isEqualTo("```json\n{\n  \"a\": 1\n}\n```");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"throw new Error('no')", "return }", "for (;;) {}", "' '"})
  void aScriptThatFailsLeavesTheAnswer(String code) {
    RunResult result = answer(code, IMPATIENT);

    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(result.text()).isEqualTo("pong q");
  }

  @Test
  void whatIsCancelledMeanwhileDoesNotAnswer() {
    var cancellation = new Cancellation();
    RunResult result =
        TestRun.of(reply())
            .with(
                new FakeScripts((script, token) -> {
                  cancellation.cancel("not wanted any more");
                  token.throwIfCancelled();
                  throw new AssertionError("the token belongs to the run");
                }))
            .with(cancellation)
            .postProcessedBy("return 1")
            .ask("q");

    assertThat(result.status()).isEqualTo(RunStatus.TERMINATED);
    assertThat(result.text()).isBlank();
  }
}
