package dev.millrace.flows.engine;

import static dev.millrace.flows.fakes.TestRun.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeModels;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ModelException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** How runs end that do not end well. */
class FailuresTest {
  @Test
  void anUnknownNodeFailsWhenItIsReachedAndSaysWhatIsSupported() {
    var run = TestRun.of("unknown-node");
    RunResult result = run.ask("x");
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error())
        .contains("\"Beam me up\" (teleportAgentflow_0)", "\"teleportAgentflow\"", "llmAgentflow");
    assertThat(ids(result)).containsExactly("startAgentflow_0", "teleportAgentflow_0");
    assertThat(result.records().getLast().toJson().properties().stream().map(e -> e.getKey()))
        .containsExactly("nodeId", "nodeLabel", "previousNodeIds", "data", "status");
    assertThat(run.events().getLast())
        .isEqualTo("{\"event\":\"agentFlowEvent\",\"data\":\"ERROR\"}");
  }

  @Test
  void aCycleFailsAtOnceAndIsNamed() {
    var run = TestRun.of("cycle");
    RunResult result = run.ask("x");
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error()).contains("\"Alpha\"", "\"Beta\"", "\"Gamma\"", "Loop node");
    assertThat(result.records()).isEmpty();
    assertThat(run.events()).isEmpty();
  }

  @Test
  void twoStartsFailAtOnce() {
    assertThat(TestRun.of("two-starts").ask("x").error()).contains("Start again");
  }

  @Test
  void theLimitOfNodesEndsARun() {
    RunResult result =
        TestRun.of("join-below-condition")
            .with(EngineSettings.DEFAULT.withMaxIterations(3))
            .ask("yes");
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error()).contains("3 nodes", "MAX_ITERATIONS");
  }

  @Test
  void aFailingModelIsReportedAsFlowiseReportsIt() {
    var models =
        new FakeModels(call -> {
          throw new ModelException("401 fake failure", 401, null);
        });
    var run = TestRun.of("detect-language").with(models);
    RunResult result = run.ask("Salut");
    assertThat(result.error()).isEqualTo("Error in LLM node: 401 fake failure");
    assertThat(run.events().get(5))
        .isEqualTo(
            "{\"event\":\"nextAgentFlow\",\"data\":{\"nodeId\":\"llmAgentflow_0\","
                + "\"nodeLabel\":\"Detect Language\",\"status\":\"ERROR\","
                + "\"error\":\"Error in LLM node: 401 fake failure\"}}");
  }

  @Test
  void aFailingBranchEndsTheOthers() {
    var siblingAtWork = new CountDownLatch(1);
    var siblingTold = new AtomicReference<String>("");
    var scripts =
        new FakeScripts((script, cancellation) -> {
          if (script.code().equals("a")) {
            await(siblingAtWork);
            throw new FlowException("a broke");
          }
          siblingAtWork.countDown();
          Awaitility.await().until(cancellation::isCancelled);
          siblingTold.set(String.valueOf(cancellation.reason()));
          cancellation.throwIfCancelled();
          return Json.text("b");
        });
    RunResult result = TestRun.of("one-output-two-targets").with(scripts).ask("yes");
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error()).isEqualTo("a broke");
    assertThat(siblingTold.get()).contains("customFunctionAgentflow_0");
    assertThat(result.records().stream().map(NodeRecord::status))
        .containsExactly(
            RunStatus.FINISHED, RunStatus.FINISHED, RunStatus.ERROR, RunStatus.TERMINATED);
  }

  @Test
  void aProgrammingErrorInANodeEndsTheRunAsWell() {
    var scripts =
        new FakeScripts((script, cancellation) -> {
          throw new StackOverflowError("deep");
        });
    RunResult result = TestRun.of("one-output-two-targets").with(scripts).ask("yes");
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error()).contains("failed unexpectedly", "StackOverflowError");
  }

  @Test
  void questionAndFormTogetherAreRefused() {
    RunResult result =
        TestRun.of("missing-reference").sendJson("{\"question\":\"q\",\"form\":{\"a\":1}}");
    assertThat(result.error()).contains("either a question or a form");
  }

  @Test
  void aRunIsCancelledBetweenNodes() {
    var cancellation = new Cancellation();
    var scripts =
        new FakeScripts((script, token) -> {
          cancellation.cancel("aborted by the client");
          return Json.text("done");
        });
    var run = TestRun.of("join-below-condition").with(scripts).with(cancellation);
    RunResult result = run.with(EngineSettings.DEFAULT.withSequentialBranches()).ask("yes");
    assertThat(result.status()).isEqualTo(RunStatus.TERMINATED);
    assertThat(result.error()).isEqualTo("Flow execution was cancelled");
    assertThat(result.records().stream().map(NodeRecord::status))
        .containsExactly(
            RunStatus.FINISHED, RunStatus.FINISHED, RunStatus.FINISHED, RunStatus.TERMINATED);
    assertThat(run.events().getLast())
        .isEqualTo("{\"event\":\"agentFlowEvent\",\"data\":\"TERMINATED\"}");
  }

  @Test
  void aRunIsCancelledInsideANode() {
    var cancellation = new Cancellation();
    var models =
        new FakeModels(call -> {
          cancellation.cancel("aborted by the client");
          return "too late";
        });
    RunResult result = TestRun.of("detect-language").with(models).with(cancellation).ask("x");
    assertThat(result.status()).isEqualTo(RunStatus.TERMINATED);
    assertThat(result.records().getLast().data().path("error").asString())
        .isEqualTo("Flow execution was cancelled");
  }

  @Test
  void nodesThatDoNotNoticeAreLeftBehind() {
    var cancellation = new Cancellation();
    var bothAtWork = new CountDownLatch(2);
    var interrupted = new CountDownLatch(2);
    var scripts =
        new FakeScripts((script, token) -> {
          bothAtWork.countDown();
          await(bothAtWork);
          cancellation.cancel("aborted");
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            interrupted.countDown();
          }
          return Json.text("late");
        });
    var settings = EngineSettings.DEFAULT.withCancelGrace(Duration.ofMillis(50));
    RunResult result =
        TestRun.of("one-output-two-targets")
            .with(scripts)
            .with(settings)
            .with(cancellation)
            .ask("yes");
    assertThat(result.status()).isEqualTo(RunStatus.TERMINATED);
    await(interrupted);
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
