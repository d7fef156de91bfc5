package dev.millrace.flows.engine;

import static dev.millrace.flows.fakes.TestRun.data;
import static dev.millrace.flows.fakes.TestRun.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.flows.fakes.FakeModels;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.FakeStore;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ModelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to nodes that fail or take too long, and to runs that do. */
class PolicyTest {
  private static final String NODE = "customFunctionAgentflow_0";

  private final AtomicInteger calls = new AtomicInteger();

  private FakeScripts failing(int times) {
    return new FakeScripts((script, cancellation) -> {
      if (script.code().equals("work") && calls.incrementAndGet() <= times) {
        throw new FlowException("broke " + calls);
      }
      return Json.text("done");
    });
  }

  private static FlowDraft flow(String policy) {
    return FlowDraft.start()
        .then(NODE, "Work", "{\"customFunctionJavascriptFunction\":\"work\"" + policy + "}")
        .then(
            "directReplyAgentflow_0",
            "Reply",
            "{\"directReplyMessage\":\"went on: {{ customFunctionAgentflow_0.output.error }}\"}");
  }

  @Test
  void aNodeIsTriedAsOftenAsItMayAndThenItsLastErrorCounts() {
    String twice = ",\"retryMaxAttempts\":\"3\",\"retryDelayMs\":1";
    assertThat(flow(twice).run().with(failing(2)).ask("q").status()).isEqualTo(RunStatus.FINISHED);
    assertThat(calls).hasValue(3);
    calls.set(0);
    assertThat(flow(twice).run().with(failing(9)).ask("q").error()).isEqualTo("broke 3");
    calls.set(0);
    assertThat(flow("").run().with(failing(1)).ask("q").error()).isEqualTo("broke 1");
  }

  @Test
  void waitsGrowByTheFactorAndAreShortenedByChanceOnly() {
    var policy =
        new NodePolicy(9, Duration.ofMillis(100), 3, 0, Duration.ZERO, NodePolicy.OnError.FAIL);
    assertThat(policy.delayAfter(1)).isEqualTo(Duration.ofMillis(100));
    assertThat(policy.delayAfter(3)).isEqualTo(Duration.ofMillis(900));
    assertThat(policy.delayAfter(99)).isEqualTo(Duration.ofMinutes(10));
    var chance =
        new NodePolicy(9, Duration.ofMillis(100), 1, 0.5, Duration.ZERO, NodePolicy.OnError.FAIL);
    assertThat(chance.delayAfter(1)).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
  }

  @Test
  void aCancelledRunDoesNotWaitForItsNextAttempt() {
    var cancellation = new Cancellation();
    var scripts =
        new FakeScripts((script, token) -> {
          Thread.startVirtualThread(() -> cancellation.cancel("aborted"));
          throw new FlowException("broke");
        });
    RunResult result =
        flow(",\"retryMaxAttempts\":2,\"retryDelayMs\":600000,\"retryJitter\":0")
            .run()
            .with(scripts)
            .with(cancellation)
            .ask("q");
    assertThat(result.status()).isEqualTo(RunStatus.TERMINATED);
  }

  @Test
  void aNodeThatTakesTooLongIsCutOffAndMayBeTriedAgain() {
    var scripts =
        new FakeScripts((script, cancellation) -> {
          if (calls.incrementAndGet() == 1) {
            cancellation.pause(Duration.ofSeconds(30));
          }
          return Json.text("done");
        });
    RunResult failed = flow(",\"timeoutMs\":20").run().with(scripts).ask("q");
    assertThat(failed.status()).isEqualTo(RunStatus.ERROR);
    assertThat(failed.error()).contains("\"Work\"", "timeout of 20 ms");
    calls.set(0);
    RunResult second =
        flow(",\"timeoutMs\":20,\"retryMaxAttempts\":2,\"retryDelayMs\":0")
            .run()
            .with(scripts)
            .ask("q");
    assertThat(second.status()).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  void anErrorMayBePassedOn() {
    RunResult result = flow(",\"onError\":\"continue\"").run().with(failing(1)).ask("q");
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(result.text()).isEqualTo("went on: broke 1");
    assertThat(data(result, NODE).path("output").toString())
        .isEqualTo("{\"content\":\"\",\"error\":\"broke 1\"}");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void anErrorMayTakeAnOutputOfItsOwn(int failures) {
    RunResult result =
        flow(",\"onError\":\"branch\"")
            .node(
                "directReplyAgentflow_1",
                "Sorry",
                "{\"directReplyMessage\":\"sorry: {{ customFunctionAgentflow_0.output.error }}\"}")
            .branch(NODE, "error", "directReplyAgentflow_1")
            .run()
            .with(failing(failures))
            .ask("q");
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(ids(result).getLast())
        .isEqualTo(failures == 0 ? "directReplyAgentflow_0" : "directReplyAgentflow_1");
    assertThat(result.text()).startsWith(failures == 0 ? "went on" : "sorry: broke 1");
  }

  @Test
  void aBranchForErrorsThatLeadsNowhereIsNoExcuse() {
    RunResult result = flow(",\"onError\":\"branch\"").run().with(failing(1)).ask("q");
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
  }

  @Test
  void aModelThatFailsIsReplacedByItsFallbackUnlessItHasSpoken() {
    String flow =
        "{\"llmModel\":\"chatOpenAI\",\"llmModelConfig\":{\"modelName\":\"first\"},"
            + "\"fallbackModel\":\"chatOpenAI\",\"fallbackModelConfig\":"
            + "{\"modelName\":\"second\",\"FLOWISE_CREDENTIAL_ID\":\"c2\"}}";
    List<String> asked = new ArrayList<>();
    var models =
        new FakeModels(call -> {
          asked.add(call.config().path("modelName").asString() + " " + call.credential());
          if (asked.size() == 1) {
            throw new ModelException("503 overloaded", 503, null);
          }
          return "from the second";
        });
    var run = FlowDraft.start().then("llmAgentflow_0", "LLM", flow).run().with(models);
    RunResult result = run.ask("q");
    assertThat(result.text()).isEqualTo("from the second");
    assertThat(run.tokens()).isEqualTo("from the second");
    assertThat(asked).containsExactly("first {}", "second {\"openAIApiKey\":\"key of c2\"}");
  }

  @Test
  void theModelThatAnsweredIsTheOneThatCosts() {
    String flow =
        "{\"llmModel\":\"chatOpenAI\",\"llmModelConfig\":{\"modelName\":\"gpt-4o\"},"
            + "\"fallbackModel\":\"chatOpenAI\",\"fallbackModelConfig\":"
            + "{\"modelName\":\"gpt-4o-mini\"},\"llmEnableMemory\":true,"
            + "\"llmMemoryType\":\"conversationSummary\"}";
    List<String> asked = new ArrayList<>();
    var models =
        new FakeModels(call -> {
          asked.add(call.config().path("modelName").asString());
          if (asked.size() == 2) {
            throw new ModelException("503 overloaded", 503, null);
          }
          return "from the second";
        });
    RunResult result =
        FlowDraft.start()
            .then("llmAgentflow_0", "LLM", flow)
            .run()
            .with(models)
            .with(new FakeStore(List.of(new ChatTurn("user", "one")), Map.of(), null))
            .ask("q");
    assertThat(asked).containsExactly("gpt-4o", "gpt-4o", "gpt-4o-mini");
    var usage = TestRun.data(result, "llmAgentflow_0").at("/output/usageMetadata");
    assertThat(usage.path("total_cost").asDouble())
        .as("10 tokens in and 5 out of each")
        .isCloseTo((10 * 2.5 + 5 * 10 + 10 * 0.15 + 5 * 0.6) / 1e6, within(1e-12));
    assertThat(usage.has("base_input_cost")).as("there is not one price").isFalse();
  }

  @Test
  void bothModelsOfANodeMayFail() {
    String flow =
        "{\"llmModel\":\"chatOpenAI\",\"llmModelConfig\":{},"
            + "\"fallbackModel\":\"chatOpenAI\",\"fallbackModelConfig\":{\"modelName\":\"x\"}}";
    var models =
        new FakeModels(call -> {
          throw new ModelException("no answer from " + call.config(), 0, null);
        });
    RunResult result =
        FlowDraft.start().then("llmAgentflow_0", "Writer", flow).run().with(models).ask("q");
    assertThat(result.error())
        .isEqualTo(
            "Error in LLM node: node \"Writer\" (llmAgentflow_0): its fallback model chatOpenAI"
                + " (fallbackModelConfig) failed, too: no answer from {\"modelName\":\"x\"}");
  }

  @Test
  void aRunThatTakesTooLongEndsWithATimeout() {
    var scripts =
        new FakeScripts((script, cancellation) -> {
          cancellation.pause(Duration.ofSeconds(30));
          return Json.text("late");
        });
    RunResult result =
        flow(",\"onError\":\"continue\"")
            .run()
            .with(scripts)
            .with(EngineSettings.DEFAULT.withDeadline(Duration.ofMillis(20)))
            .ask("q");
    assertThat(result.status()).isEqualTo(RunStatus.TIMEOUT);
    assertThat(result.error()).contains("FLOW_DEADLINE");
  }
}
