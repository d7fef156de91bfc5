package dev.millrace.flows.engine;

import static dev.millrace.flows.fakes.TestRun.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeJournal;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.net.HttpFetcher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Flows that run other flows. */
class CalledFlowsTest {
  private static FlowDraft calling(String id, String more) {
    return FlowDraft.start()
        .then(
            "executeFlowAgentflow_0",
            "Call Other",
            "{\"executeFlowSelectedFlow\":\""
                + id
                + "\",\"executeFlowInput\":\"<p>ask {{ question }}</p>\""
                + more
                + "}");
  }

  private static Flow replying(String text) {
    return FlowDraft.start()
        .then("directReplyAgentflow_0", "Reply", "{\"directReplyMessage\":\"" + text + "\"}")
        .flow();
  }

  @Test
  void theAnswerOfTheOtherFlowIsTheNodesOwn() {
    var run =
        calling(
                "other",
                ",\"executeFlowReturnResponseAs\":\"assistantMessage\",\"executeFlowUpdateState\":"
                    + "[{\"key\":\"k\",\"value\":\"{{ output }}\"}]")
            .run()
            .calling("other", replying("you said {{ question }}"));
    RunResult result = run.ask("hi");
    assertThat(result.status()).as(String.valueOf(result.error())).isEqualTo(RunStatus.FINISHED);
    assertThat(result.text()).isEqualTo("you said ask hi");
    assertThat(run.tokens()).isEqualTo("you said ask hi");
    var data = data(result, "executeFlowAgentflow_0");
    assertThat(data.path("state").path("k").asString()).isEqualTo("you said ask hi");
    assertThat(data.path("chatHistory").toString())
        .isEqualTo(
            "[{\"role\":\"user\",\"content\":\"ask hi\"},{\"role\":\"assistant\",\"content\":"
                + "\"you said ask hi\",\"name\":\"call_other\"}]");
    assertThat(run.data("nextAgentFlow")).hasSize(4);
  }

  @Test
  void errorsAreErrorsNotAnswers() {
    var failing = FlowDraft.start().then("teleportAgentflow_0", "Beam", "{}").flow();
    assertThat(calling("other", "").run().calling("other", failing).ask("q").error())
        .contains("\"Call Other\"", "\"Beam\"");
    assertThat(calling("gone", "").run().ask("q").error()).contains("gone", "does not exist");
    assertThat(calling("flow-1", "").run().ask("q").error()).contains("its own flow");
    assertThat(calling("", "").run().ask("q").error()).contains("No flow is chosen");
  }

  @Test
  void overridesThatAreNoJsonAreNamed() {
    assertThat(
            calling("other", ",\"executeFlowOverrideConfig\":\"{sessionId\"")
                .run()
                .calling("other", replying("x"))
                .ask("q")
                .error())
        .contains("\"Call Other\"", "executeFlowOverrideConfig");
  }

  @Test
  void aFlowOfAnotherServerIsAskedOverHttpWithTheKeyOfTheCredential() {
    var requests = new ArrayList<HttpFetcher.Request>();
    RunResult result =
        elsewhere(200, "{\"text\":\"from afar\",\"usedTools\":[{\"tool\":\"t\"}]}", requests);
    assertThat(result.error()).isNull();
    assertThat(result.text()).isEqualTo("from afar");
    assertThat(data(result, "executeFlowAgentflow_0").at("/output/usedTools/0/tool").asString())
        .isEqualTo("t");
    HttpFetcher.Request request = requests.getFirst();
    assertThat(request.url()).isEqualTo("https://flows.example/api/v1/prediction/other");
    assertThat(request.headers())
        .containsExactly(
            Map.entry("flowise-tool", "true"), Map.entry("Authorization", "Bearer key of c1"));
    assertThat(request.body())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("{\"question\":\"ask q\",\"chatId\":\"chat-1\",\"overrideConfig\":{}}");
  }

  @Test
  void theErrorOfAnotherServerIsNoAnswer() {
    assertThat(elsewhere(500, "{\"message\":\"broken\"}", new ArrayList<>()).error())
        .contains("\"Call Other\"", "https://flows.example", "status 500", "broken");
    assertThat(elsewhere(200, "{\"text\":\"may I?\",\"action\":{}}", new ArrayList<>()).error())
        .contains("asks a human");
    assertThat(elsewhere(200, "{\"json\":{\"a\":1}}", new ArrayList<>()).text())
        .isEqualTo("```json\n{\n  \"a\": 1\n}\n```");
  }

  private static RunResult elsewhere(int status, String body, List<HttpFetcher.Request> requests) {
    return calling("other", ",\"executeFlowBaseURL\":\"https://flows.example/\"")
        .credential("c1")
        .run()
        .with((Secrets) id -> Json.object().put("chatflowApiKey", "key of " + id))
        .with(
            (HttpFetcher)
                (request, cancellation) -> {
                  requests.add(request);
                  byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                  return new HttpFetcher.Response(status, "", Map.of(), bytes);
                })
        .ask("q");
  }

  @Test
  void circlesEndAtTheDepthLimit() {
    RunResult result =
        calling("a", "")
            .run()
            .calling("a", calling("b", "").flow())
            .calling("b", calling("a", "").flow())
            .ask("q");
    assertThat(result.error()).contains("flow-1 → a → b → a → b → a", "FLOW_MAX_DEPTH");
  }

  @Test
  void aCallThatHadEndedBeforeACrashIsNotMadeAgain() {
    var calls = new AtomicInteger();
    var scripts =
        new FakeScripts((script, cancellation) -> Json.text("s" + calls.incrementAndGet()));
    Flow other = FlowDraft.start().then("customFunctionAgentflow_0", "Work", "{}").flow();
    var journal = new FakeJournal();
    RunResult first =
        calling("other", "").run().calling("other", other).with(scripts).with(journal).ask("q");
    assertThat(first.text()).isEqualTo("s1");
    // The Start node was journalled; what the called flow did is a run of its own.
    RunResult again =
        calling("other", "")
            .run()
            .calling("other", other)
            .with(scripts)
            .with(journal)
            .resume(Json.object().put("question", "q"), journal.crashedAfter(new UUID(0, 1), 1));
    assertThat(again.text()).isEqualTo("s1");
    assertThat(calls).hasValue(1);
  }

  @Test
  void aFlowThatAsksAHumanCannotBeCalled() {
    Flow asking = FlowDraft.start().then("humanInputAgentflow_0", "Ask", "{}").flow();
    RunResult result = TestRun.of(calling("other", "").flow()).calling("other", asking).ask("q");
    assertThat(result.error()).contains("asks a human");
  }
}
