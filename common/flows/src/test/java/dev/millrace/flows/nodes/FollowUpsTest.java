package dev.millrace.flows.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.flows.fakes.FakeModels;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FollowUpsTest {
  private static final String WANTED =
      "{\"status\":true,\"selectedProvider\":\"chatOpenAI\",\"chatOpenAI\":{\"credentialId\":\"c1\","
          + "\"modelName\":\"gpt-4o-mini\",\"temperature\":\"0.4\","
          + "\"prompt\":\"Ask after: {history}\"}}";

  private final FakeModels models =
      new FakeModels(call -> "{\"questions\":[\"Why?\",\" How? \",\"\",7]}");

  private static TestRun reply() {
    return FlowDraft.start()
        .then("directReplyAgentflow_0", "Reply", "{\"directReplyMessage\":\"pong $1\"}")
        .run();
  }

  @Test
  void aModelSuggestsWhatToAskNext() {
    RunResult result = reply().with(models).followedUpBy(WANTED).ask("ping");
    assertThat(result.text()).isEqualTo("pong $1");
    assertThat(result.followUpPrompts()).containsExactly("Why?", "How?", "7");
    var call = models.calls().getFirst();
    assertThat(FakeModels.messages(call)).containsExactly("user: Ask after: pong $1");
    assertThat(call.credential()).hasToString("{\"openAIApiKey\":\"key of c1\"}");
    assertThat(call.config().path("modelName").asString()).isEqualTo("gpt-4o-mini");
    assertThat(String.valueOf(call.schema())).contains("\"questions\":{\"type\":\"array\"");
  }

  @Test
  void theyFollowThePostProcessedAnswer() {
    var scripts = new FakeScripts((script, cancellation) -> Json.text("changed"));
    reply().with(models).with(scripts).postProcessedBy("x").followedUpBy(WANTED).ask("ping");
    assertThat(FakeModels.messages(models.calls().getFirst()))
        .containsExactly("user: Ask after: changed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"status\":false,\"selectedProvider\":\"chatOpenAI\",\"chatOpenAI\":{}}",
        "{\"status\":true,\"selectedProvider\":\"groqChat\",\"chatOpenAI\":{}}"
      })
  void nobodyIsAskedUnlessTheOwnerWantsIt(String settings) {
    RunResult result = reply().with(models).followedUpBy(settings).ask("ping");
    assertThat(result.followUpPrompts()).isEmpty();
    assertThat(models.calls()).isEmpty();
  }

  @Test
  void theAnswerIsGivenAlsoWhenTheyFail() {
    var failing =
        new FakeModels(call -> {
          throw new ModelException("401 no", 401, null);
        });
    RunResult result = reply().with(failing).followedUpBy(WANTED).ask("ping");
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(result.text()).isEqualTo("pong $1");
    assertThat(result.followUpPrompts()).isEmpty();
    assertThat(failing.calls()).hasSize(1);
  }

  @Test
  void aRunThatFailsSuggestsNothing() {
    RunResult result =
        FlowDraft.start()
            .then("llmAgentflow_0", "L", "{}")
            .run()
            .with(models)
            .followedUpBy(WANTED)
            .ask("ping");
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(models.calls()).isEmpty();
  }
}
