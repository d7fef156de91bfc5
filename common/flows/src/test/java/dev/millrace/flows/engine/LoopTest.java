package dev.millrace.flows.engine;

import static dev.millrace.flows.fakes.TestRun.data;
import static dev.millrace.flows.fakes.TestRun.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.flows.fakes.FakeJournal;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.model.Json;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Loop nodes: what runs again, how often, and what it sees. */
class LoopTest {
  private static final String WORK = "customFunctionAgentflow_0";

  private static String function(String code) {
    return "{\"customFunctionJavascriptFunction\":\"" + code + "\"}";
  }

  private static String loop(String more) {
    return "{\"loopBackToNode\":\"" + WORK + "-Work\"" + more + "}";
  }

  @Test
  void aCountOfThreeRunsTheTargetThreeTimesAndThenAnswersWithTheFallback() {
    var run =
        FlowDraft.start()
            .then(WORK, "Work", function("w"))
            .then(
                "loopAgentflow_0",
                "Again",
                loop(
                    ",\"maxLoopCount\":\"3\",\"fallbackMessage\":\"<p>enough of"
                        + " {{ question }}</p>\""))
            .run();
    RunResult result = run.ask("it");
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(ids(result))
        .containsExactly(
            "startAgentflow_0",
            WORK,
            "loopAgentflow_0",
            WORK,
            "loopAgentflow_0",
            WORK,
            "loopAgentflow_0");
    assertThat(result.text()).isEqualTo("enough of it");
    assertThat(run.tokens()).isEqualTo("enough of it");
    NodeRecord first = result.records().get(2);
    assertThat(first.data().path("output").toString())
        .isEqualTo(
            "{\"content\":\"Loop back to Work (customFunctionAgentflow_0)\","
                + "\"nodeID\":\"customFunctionAgentflow_0\",\"maxLoopCount\":3,"
                + "\"fallbackMessage\":\"enough of it\"}");
    assertThat(result.records().get(3).previousNodeIds()).containsExactly("startAgentflow_0");
  }

  @Test
  void withoutACountItIsFiveAndWithoutAFallbackTheLimitIsNamed() {
    RunResult result =
        FlowDraft.start()
            .then(WORK, "Work", function("w"))
            .then("loopAgentflow_0", "Again", loop(""))
            .run()
            .ask("q");
    assertThat(ids(result)).filteredOn(WORK::equals).hasSize(5);
    assertThat(result.text()).contains("5");
  }

  @Test
  void expressionsSeeHowOftenItWentBackAndWhatLaterNodesPutOutBefore() {
    RunResult result =
        FlowDraft.start("{\"startState\":[{\"key\":\"seen\",\"value\":\"\"}]}")
            .then(
                WORK,
                "Work",
                "{\"customFunctionJavascriptFunction\":\"w\",\"customFunctionUpdateState\":"
                    + "[{\"key\":\"seen\",\"value\":\"{{ $flow.state.seen }}{{ loop_count }}"
                    + "<{{ customFunctionAgentflow_1 }}>\"}]}")
            .then("customFunctionAgentflow_1", "After", function("after"))
            .then("loopAgentflow_0", "Again", loop(",\"maxLoopCount\":3"))
            .run()
            .ask("q");
    assertThat(result.records().getLast().data().path("state").path("seen").asString())
        .isEqualTo("0<{{ customFunctionAgentflow_1 }}>1<after>2<after>");
  }

  @Test
  void aLoopUpdatesTheState() {
    RunResult result =
        FlowDraft.start("{\"startState\":[{\"key\":\"n\",\"value\":\"x\"}]}")
            .then(WORK, "Work", function("w"))
            .then(
                "loopAgentflow_0",
                "Again",
                loop(
                    ",\"maxLoopCount\":3,\"loopUpdateState\":[{\"key\":\"n\",\"value\":"
                        + "\"{{ $flow.state.n }}x\"}]"))
            .run()
            .ask("q");
    assertThat(result.records().getLast().data().path("state").path("n").asString())
        .isEqualTo("xxxx");
  }

  @Test
  void branchesBehindTheTargetRunAgainAndJoinOnceInEachPass() {
    var count = new AtomicInteger();
    var scripts =
        new FakeScripts(
            (script, cancellation) -> Json.text(script.code() + count.incrementAndGet()));
    RunResult result =
        FlowDraft.start()
            .then(WORK, "Work", function("w"))
            .then("customFunctionAgentflow_1", "Left", function("l"))
            .node("customFunctionAgentflow_2", "Right", function("r"))
            .edge(WORK, "customFunctionAgentflow_2")
            .node("customFunctionAgentflow_3", "Join", function("j"))
            .edge("customFunctionAgentflow_1", "customFunctionAgentflow_3")
            .edge("customFunctionAgentflow_2", "customFunctionAgentflow_3")
            .then("loopAgentflow_0", "Again", loop(",\"maxLoopCount\":2"))
            .run()
            .with(scripts)
            .ask("q");
    assertThat(result.status()).as(String.valueOf(result.error())).isEqualTo(RunStatus.FINISHED);
    assertThat(ids(result).subList(1, 6)).isEqualTo(ids(result).subList(6, 11));
    assertThat(result.records()).hasSize(11);
    assertThat(result.records().get(9).previousNodeIds())
        .containsExactly("customFunctionAgentflow_1", "customFunctionAgentflow_2");
  }

  @Test
  void aSlowSiblingIsWaitedForBeforeTheNextPass() {
    var slow = new AtomicInteger();
    var scripts =
        new FakeScripts((script, cancellation) -> {
          if (script.code().equals("slow")) {
            cancellation.pause(java.time.Duration.ofMillis(30));
            slow.incrementAndGet();
          }
          return Json.text(script.code() + slow.get());
        });
    RunResult result =
        FlowDraft.start()
            .then(WORK, "Work", function("w"))
            .then("loopAgentflow_0", "Again", loop(",\"maxLoopCount\":3"))
            .node("customFunctionAgentflow_1", "Slow", function("slow"))
            .edge(WORK, "customFunctionAgentflow_1")
            .run()
            .with(scripts)
            .ask("q");
    assertThat(slow).hasValue(3);
    assertThat(ids(result)).filteredOn("customFunctionAgentflow_1"::equals).hasSize(3);
    assertThat(result.records().get(4).nodeId()).isEqualTo(WORK);
    assertThat(result.records().get(4).data().path("output").path("content").asString())
        .isEqualTo("w1");
  }

  @Test
  void aJoinOfALoopAndABranchBesideItRunsOnceWhicheverIsFaster() {
    for (boolean loopIsFaster : List.of(true, false)) {
      var journal = new FakeJournal();
      var scripts =
          new FakeScripts((script, cancellation) -> {
            String first =
                loopIsFaster ? "loopAgentflow_0 FINISHED" : "customFunctionAgentflow_1 FINISHED";
            if (script.code().equals(loopIsFaster ? "beside" : "w")) {
              await().until(() -> journal.told().contains(first));
            }
            return Json.text(script.code());
          });
      RunResult result =
          FlowDraft.start()
              .then(WORK, "Work", function("w"))
              .then(
                  "conditionAgentflow_0",
                  "Bad?",
                  "{\"conditions\":[{\"type\":\"number\",\"value1\":\"{{ loop_count }}\","
                      + "\"operation\":\"smaller\",\"value2\":\"1\"}]}")
              .node("loopAgentflow_0", "Again", loop(""))
              .branch("conditionAgentflow_0", "0", "loopAgentflow_0")
              .node("customFunctionAgentflow_1", "Beside", function("beside"))
              .edge("startAgentflow_0", "customFunctionAgentflow_1")
              .node("customFunctionAgentflow_2", "Join", function("join"))
              .branch("conditionAgentflow_0", "1", "customFunctionAgentflow_2")
              .edge("customFunctionAgentflow_1", "customFunctionAgentflow_2")
              .run()
              .with(scripts)
              .with(journal)
              .ask("q");
      assertThat(ids(result))
          .containsExactly(
              "startAgentflow_0",
              WORK,
              "customFunctionAgentflow_1",
              "conditionAgentflow_0",
              "loopAgentflow_0",
              WORK,
              "conditionAgentflow_0",
              "customFunctionAgentflow_2");
      assertThat(result.records().getLast().previousNodeIds())
          .containsExactly("conditionAgentflow_0", "customFunctionAgentflow_1");
    }
  }

  @Test
  void aJoinRunsWithoutALoopThatGaveUp() {
    RunResult result =
        FlowDraft.start()
            .then(WORK, "Work", function("w"))
            .then("conditionAgentflow_0", "Bad?", "{\"conditions\":[]}")
            .node("loopAgentflow_0", "Again", loop(",\"maxLoopCount\":3"))
            .branch("conditionAgentflow_0", "0", "loopAgentflow_0")
            .node("customFunctionAgentflow_1", "Beside", function("beside"))
            .edge("startAgentflow_0", "customFunctionAgentflow_1")
            .node("customFunctionAgentflow_2", "Join", function("join"))
            .branch("conditionAgentflow_0", "1", "customFunctionAgentflow_2")
            .edge("customFunctionAgentflow_1", "customFunctionAgentflow_2")
            .run()
            .ask("q");
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(ids(result)).filteredOn(WORK::equals).hasSize(3);
    assertThat(ids(result)).filteredOn("customFunctionAgentflow_2"::equals).hasSize(1);
    assertThat(result.records().getLast().previousNodeIds())
        .containsExactly("customFunctionAgentflow_1");
  }

  @Test
  void twoLoopsCountForThemselves() {
    RunResult result =
        FlowDraft.start()
            .then(WORK, "Work", function("w"))
            .then(
                "conditionAgentflow_0",
                "First?",
                "{\"conditions\":[{\"type\":\"number\","
                    + "\"value1\":\"{{ loop_count }}\",\"operation\":\"smaller\",\"value2\":\"1\"}]}")
            .node("loopAgentflow_0", "Once", loop(",\"maxLoopCount\":2"))
            .branch("conditionAgentflow_0", "0", "loopAgentflow_0")
            .node("loopAgentflow_1", "Thrice", loop(",\"maxLoopCount\":4"))
            .branch("conditionAgentflow_0", "1", "loopAgentflow_1")
            .run()
            .ask("q");
    assertThat(ids(result)).filteredOn("loopAgentflow_0"::equals).hasSize(1);
    assertThat(ids(result)).filteredOn("loopAgentflow_1"::equals).hasSize(4);
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  void aTargetThatIsNotThereFailsWithItsName() {
    RunResult result =
        FlowDraft.start()
            .then("loopAgentflow_0", "Again", "{\"loopBackToNode\":\"llmAgentflow_9-Gone\"}")
            .run()
            .ask("q");
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error()).contains("llmAgentflow_9", "\"Again\"");
    assertThat(data(result, "loopAgentflow_0").has("error")).isTrue();
  }
}
