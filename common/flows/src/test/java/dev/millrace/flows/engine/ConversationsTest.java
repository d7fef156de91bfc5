package dev.millrace.flows.engine;

import static dev.millrace.flows.fakes.TestRun.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeJournal;
import dev.millrace.flows.fakes.FakeModels;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels.Call;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What parallel branches say, and who hears it. */
class ConversationsTest {
  @Test
  void parallelBranchesDoNotHearEachOtherAndTheJoinHearsBoth() {
    var bothAtWork = new CountDownLatch(2);
    var models =
        new FakeModels(call -> {
          bothAtWork.countDown();
          await(bothAtWork);
          return "said";
        });
    RunResult result = TestRun.of("parallel-llms").with(models).ask("q");
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(FakeModels.messages(models.calls().get(0))).containsExactly("user: q");
    assertThat(FakeModels.messages(models.calls().get(1))).containsExactly("user: q");
    assertThat(data(result, "llmAgentflow_2").at("/input/messages"))
        .hasToString(
            "[{\"role\":\"user\",\"content\":\"q\"},"
                + "{\"role\":\"user\",\"content\":\"said\",\"name\":\"left\"},"
                + "{\"role\":\"user\",\"content\":\"q\"},"
                + "{\"role\":\"user\",\"content\":\"said\",\"name\":\"right\"}]");
  }

  @Test
  void filesToBeReadWholeStandBeforeTheQuestion() {
    var models = new FakeModels(call -> "read");
    RunResult result =
        FlowDraft.start()
            .then("llmAgentflow_0", "LLM", "{\"llmModel\":\"chatOpenAI\",\"llmEnableMemory\":true}")
            .run()
            .with(models)
            .sendJson(
                """
                {"question":"q","uploads":[
                  {"type":"file:full","name":"a.txt","mime":"text/plain","data":"one"},
                  {"type":"file:full","name":"b.csv","mime":"text/csv",
                    "data":"data:text/csv;base64,dHdvLDI="},
                  {"type":"url","name":"c","data":"https://example.org/c.png"}]}
                """);
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(FakeModels.messages(models.calls().getFirst()))
        .singleElement()
        .asString()
        .matches("(?s)user: <doc name='a.txt'>one</doc>\\s+<doc name='b.csv'>two,2</doc>\\s+q");
  }

  @Test
  void answersOfParallelNodesDoNotMix() {
    var bothAtWork = new CountDownLatch(2);
    var models =
        new FakeModels(call -> {
          bothAtWork.countDown();
          await(bothAtWork);
          return "x ".repeat(200);
        });
    var run = TestRun.of("parallel-answers").with(models);
    run.ask("q");
    String framed = String.join("", run.events());
    String begin = "{\"event\":\"token\",\"data\":\"\"}{\"event\":\"token\",\"data\":\"x \"}";
    String whole = begin + "{\"event\":\"token\",\"data\":\"x \"}".repeat(199);
    assertThat(run.tokens()).isEqualTo("x ".repeat(400));
    assertThat(withoutNodeEvents(run.events()).split(Pattern.quote(whole), -1))
        .as(framed)
        .hasSize(3);
  }

  @Test
  void noMoreNodesWorkAtATimeThanAllowed() {
    var now = new AtomicInteger();
    var most = new AtomicInteger();
    var draft = FlowDraft.start();
    for (int index = 0; index < 12; index++) {
      String id = "llmAgentflow_" + index;
      draft
          .node(id, "L" + index, "{\"llmModel\":\"chatOpenAI\",\"llmEnableMemory\":true}")
          .edge("startAgentflow_0", id);
    }
    var threeAtWork = new CountDownLatch(3);
    var models =
        new FakeModels(call -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          threeAtWork.countDown();
          await(threeAtWork);
          now.decrementAndGet();
          return "said";
        });
    RunResult result =
        draft.run().with(models).with(EngineSettings.DEFAULT.withConcurrentNodes(3)).ask("q");
    assertThat(result.records()).hasSize(13);
    assertThat(most.get()).isEqualTo(3);
  }

  @Test
  void oneAtATimeTheSecondHearsTheFirst() {
    var models = new FakeModels(call -> "said");
    TestRun.of("parallel-llms")
        .with(models)
        .with(EngineSettings.DEFAULT.withSequentialBranches())
        .ask("q");
    List<Call> calls = models.calls();
    assertThat(FakeModels.messages(calls.get(1))).containsExactly("user: q", "user: said");
  }

  @Test
  void theJournalIsToldInOrder() {
    var journal = new FakeJournal();
    TestRun.of("missing-reference").with(journal).ask("q");
    assertThat(journal.told())
        .containsExactly(
            "started",
            "startAgentflow_0 FINISHED",
            "directReplyAgentflow_0 FINISHED",
            "finished FINISHED");
  }

  @Test
  void nobodyListensForFree() {
    var run = TestRun.of("dollar-signs");
    RunResult result =
        run.engine()
            .run(
                run.request(Json.object().put("question", "$& $1 {{ $flow.state.s }}")),
                run.ports(EventSink.NONE),
                Cancellation.none());
    assertThat(run.events()).isEmpty();
    assertThat(result.text())
        .isEqualTo("$& $1 {{ $flow.state.s }}|{{ question }} $1|$& $1 {{ $flow.state.s }}");
  }

  @Test
  void unresolvedReferencesStayLiteral() {
    assertThat(TestRun.of("missing-reference").ask("q").text())
        .isEqualTo("a {{ missing }} b {{nobody_0.output.x}} c {{ $flow.state.none }}");
  }

  @Test
  void fiveThousandNodesRun() {
    var draft = FlowDraft.start();
    for (int index = 0; index < 5_000; index++) {
      draft.then(
          "directReplyAgentflow_" + index,
          "R" + index,
          "{\"directReplyMessage\":\"" + index + "\"}");
    }
    var run = draft.run().with(EngineSettings.DEFAULT.withMaxIterations(10_000));
    RunResult result =
        run.engine()
            .run(
                run.request(Json.object().put("question", "q")),
                run.ports(EventSink.NONE),
                Cancellation.none());
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(result.text()).isEqualTo("4999");
    assertThat(result.records()).hasSize(5_001);
  }

  private static String withoutNodeEvents(List<String> events) {
    return String.join(
        "", events.stream().filter(e -> e.startsWith("{\"event\":\"token\"")).toList());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
