package dev.millrace.flows.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeModels;
import dev.millrace.flows.fakes.FlowDraft;
import org.junit.jupiter.api.Test;

/** Habits of Flowise, kept and dropped. */
class CompatTest {
  @Test
  void theDefaultsAreThoseThatExportsRelyOn() {
    assertThat(Compat.DEFAULTS)
        .containsExactlyInAnyOrder(
            Compat.LAST_SCENARIO_FALLBACK,
            Compat.LOOP_COUNT_MINUS_ONE,
            Compat.HTTP_STATUS_IS_SUCCESS,
            Compat.UNRESOLVED_STAYS_LITERAL,
            Compat.PREVIOUS_ANSWER_AS_USER,
            Compat.EMPTY_ANSWER_IS_SPACE);
  }

  @Test
  void unresolvedReferences() {
    var flow =
        FlowDraft.start("{\"startState\":[{\"key\":\"n\",\"value\":\"\"}]}")
            .then(
                "customFunctionAgentflow_0",
                "F",
                "{\"customFunctionJavascriptFunction\":\"out\",\"customFunctionUpdateState\":"
                    + "[{\"key\":\"n\",\"value\":\"{{ output }}{{ gone }}\"}]}")
            .then(
                "directReplyAgentflow_0",
                "R",
                "{\"directReplyMessage\":\"[{{ gone }}|{{ $flow.state.n }}]\"}");
    assertThat(flow.run().ask("q").text()).isEqualTo("[{{ gone }}|out{{ gone }}]");
    assertThat(
            flow.run()
                .with(EngineSettings.DEFAULT.with(Compat.UNRESOLVED_STAYS_LITERAL, false))
                .ask("q")
                .text())
        .isEqualTo("[|out]");
  }

  @Test
  void emptyAnswers() {
    var flow =
        FlowDraft.start().then("directReplyAgentflow_0", "R", "{\"directReplyMessage\":\"\"}");
    assertThat(flow.run().ask("q").text()).isEqualTo(" ");
    assertThat(
            flow.run()
                .with(EngineSettings.DEFAULT.with(Compat.EMPTY_ANSWER_IS_SPACE, false))
                .ask("q")
                .text())
        .isEmpty();
  }

  @Test
  void previousAnswers() {
    var models = FakeModels.counting();
    var llm =
        "{\"llmModel\":\"chatOpenAI\",\"llmModelConfig\":{},\"llmEnableMemory\":true,"
            + "\"llmReturnResponseAs\":\"userMessage\"}";
    FlowDraft.start()
        .then("llmAgentflow_0", "A", llm)
        .then("llmAgentflow_1", "B", llm)
        .run()
        .with(models)
        .with(EngineSettings.DEFAULT.with(Compat.PREVIOUS_ANSWER_AS_USER, false))
        .ask("q");
    assertThat(FakeModels.messages(models.calls().get(1)))
        .containsExactly("user: q", "assistant: answer 1");
  }
}
