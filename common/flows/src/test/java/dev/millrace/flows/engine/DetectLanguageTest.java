package dev.millrace.flows.engine;

import static dev.millrace.flows.fakes.TestRun.data;
import static dev.millrace.flows.fakes.TestRun.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeModels;
import dev.millrace.flows.fakes.TestRun;
import org.junit.jupiter.api.Test;

/** The worked example of the specification's appendix B. */
class DetectLanguageTest {
  @Test
  void french() {
    var models = new FakeModels(call -> "{\"lang\":\"FR\"}");
    var run = TestRun.of("detect-language").with(models);
    RunResult result = run.ask("Salut");

    var call = models.calls().getFirst();
    assertThat(FakeModels.messages(call))
        .containsExactly("system: Name the language.", "user: Salut");
    assertThat(call.stream()).as("by the provider's streaming API, as on Flowise").isTrue();
    assertThat(call.schema())
        .hasToString(
            "{\"type\":\"object\",\"properties\":{\"lang\":{\"type\":\"string\",\"enum\":[\"EN\","
                + "\"FR\"],\"description\":\"language\"}},\"required\":[\"lang\"],"
                + "\"additionalProperties\":false}");
    assertThat(ids(result))
        .containsExactly(
            "startAgentflow_0", "llmAgentflow_0", "conditionAgentflow_0", "directReplyAgentflow_0");
    assertThat(data(result, "startAgentflow_0").path("state")).hasToString("{\"lang\":\"\"}");
    var llm = data(result, "llmAgentflow_0");
    assertThat(llm.path("output").path("content").asString()).isEqualTo("{\n  \"lang\": \"FR\"\n}");
    assertThat(llm.path("output").path("lang").asString()).isEqualTo("FR");
    assertThat(llm.path("state")).hasToString("{\"lang\":\"FR\"}");
    assertThat(llm.path("chatHistory"))
        .hasToString(
            "[{\"role\":\"user\",\"content\":\"Salut\"},{\"role\":\"user\",\"content\":\"{\\n"
                + "  \\\"lang\\\": \\\"FR\\\"\\n}\",\"name\":\"detect_language\"}]");
    assertThat(data(result, "conditionAgentflow_0").path("output"))
        .hasToString(
            "{\"conditions\":[{\"type\":\"string\",\"value1\":\"FR\",\"operation\":\"equal\","
                + "\"value2\":\"FR\",\"isFulfilled\":true},{\"type\":\"string\",\"value1\":\"\","
                + "\"operation\":\"equal\",\"value2\":\"\",\"isFulfilled\":false}]}");
    assertThat(result.text()).isEqualTo("Bonjour: Salut");
    assertThat(run.tokens()).isEqualTo("Bonjour: Salut");
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  void english() {
    RunResult result =
        TestRun.of("detect-language")
            .with(new FakeModels(call -> "{\"lang\":\"EN\"}"))
            .ask("Hello");
    assertThat(result.text()).isEqualTo("Hello (EN), {{ missing }}");
  }
}
