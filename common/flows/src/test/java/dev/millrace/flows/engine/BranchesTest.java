package dev.millrace.flows.engine;

import static dev.millrace.flows.fakes.TestRun.data;
import static dev.millrace.flows.fakes.TestRun.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.TestRun;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which nodes run, how often, and in which order they are told. */
class BranchesTest {
  @ParameterizedTest
  @ValueSource(strings = {"yes", "no"})
  void aTargetOfATakenAndAnUntakenOutputRuns(String question) {
    RunResult result = TestRun.of("condition-shared-target").ask(question);
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(ids(result))
        .containsExactly("startAgentflow_0", "conditionAgentflow_0", "directReplyAgentflow_0");
    assertThat(result.text()).isEqualTo("both ways lead here");
  }

  @ParameterizedTest
  @CsvSource({"yes,left{{ customFunctionAgentflow_1 }}", "no,{{ customFunctionAgentflow_0 }}right"})
  void twoBranchesMeetInATargetThatRunsOnce(String question, String answer) {
    RunResult result = TestRun.of("condition-two-branches-meet").ask(question);
    assertThat(result.text()).isEqualTo(answer);
    assertThat(ids(result)).hasSize(4).doesNotHaveDuplicates();
  }

  @Test
  void aJoinBelowAConditionWaitsForAllTakenBranchesAndRunsOnce() {
    RunResult result = TestRun.of("join-below-condition").ask("yes");
    assertThat(result.text()).isEqualTo("a+b");
    assertThat(ids(result))
        .containsExactly(
            "startAgentflow_0",
            "conditionAgentflow_0",
            "customFunctionAgentflow_0",
            "customFunctionAgentflow_1",
            "customFunctionAgentflow_2",
            "directReplyAgentflow_0");
    assertThat(result.records().getLast().previousNodeIds())
        .containsExactly("customFunctionAgentflow_0", "customFunctionAgentflow_2");
  }

  @Test
  void theOtherWayPastAJoinSkipsIt() {
    assertThat(TestRun.of("join-below-condition").ask("no").text()).isEqualTo("else");
  }

  @ParameterizedTest
  @CsvSource({"yes,2", "nope,1"})
  void aJoinDoesNotWaitForBranchesThatAreNeverTaken(String question, int functions) {
    RunResult result = TestRun.of("join-over-two-conditions").ask(question);
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(result.text()).isEqualTo("joined");
    assertThat(ids(result)).filteredOn(id -> id.startsWith("custom")).hasSize(functions);
  }

  @ParameterizedTest
  @CsvSource({
    "yes,customFunctionAgentflow_0,customFunctionAgentflow_1",
    "no,customFunctionAgentflow_2,customFunctionAgentflow_3"
  })
  void allEdgesOfAChosenOutputAreTakenAndNoneOfTheOther(
      String question, String first, String second) {
    RunResult result = TestRun.of("one-output-two-targets").ask(question);
    assertThat(ids(result))
        .containsExactly("startAgentflow_0", "conditionAgentflow_0", first, second);
  }

  @Test
  void branchesRunSideBySideAndAreToldInOrder() throws Exception {
    var bothAtWork = new CountDownLatch(2);
    var rightIsDone = new CountDownLatch(1);
    var scripts =
        new FakeScripts((script, cancellation) -> {
          bothAtWork.countDown();
          await(bothAtWork);
          if (script.code().equals("a")) {
            await(rightIsDone);
          } else {
            rightIsDone.countDown();
          }
          return new FakeScripts().run(script, cancellation);
        });
    RunResult result = TestRun.of("one-output-two-targets").with(scripts).ask("yes");
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(ids(result)).endsWith("customFunctionAgentflow_0", "customFunctionAgentflow_1");
    assertThat(result.text()).isEqualTo("b");
  }

  @Test
  void aNodeWaitsForASiblingToWhichItRefers() {
    var scripts =
        new FakeScripts((script, cancellation) ->
            script.code().equals("fast")
                ? script.globals().get("$other")
                : new FakeScripts().run(script, cancellation));
    RunResult result = TestRun.of("sibling-reference").with(scripts).ask("x");
    assertThat(result.text()).isEqualTo("slow");
  }

  @Test
  void branchesChangeStateApartAndTheJoinSeesBoth() {
    RunResult result = TestRun.of("state-of-branches").ask("x");
    assertThat(data(result, "customFunctionAgentflow_1").path("state").toString())
        .isEqualTo("{\"a\":\"0\",\"b\":\"right\",\"both\":\"right\"}");
    assertThat(result.text()).isEqualTo("left,right,right");
  }

  @Test
  void theLastRecordCarriesTheStateOfAllBranches() {
    RunResult result = TestRun.of("state-of-leaves").ask("x");
    assertThat(result.records().getLast().data().path("state").toString())
        .isEqualTo("{\"a\":\"left\",\"b\":\"right\"}");
  }

  @Test
  void oneAtATimeTheyShareTheState() {
    RunResult result =
        TestRun.of("state-of-branches")
            .with(EngineSettings.DEFAULT.withSequentialBranches())
            .ask("x");
    assertThat(data(result, "customFunctionAgentflow_1").path("state").path("a").asString())
        .isEqualTo("left");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).as("branches run side by side").isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
