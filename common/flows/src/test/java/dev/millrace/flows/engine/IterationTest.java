package dev.millrace.flows.engine;

import static dev.millrace.flows.fakes.TestRun.data;
import static dev.millrace.flows.fakes.TestRun.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeModels;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Iteration nodes: what runs for each item, what it sees, and what comes of it. */
class IterationTest {
  private static final String ITERATION = "iterationAgentflow_0";
  private static final String CHILD = "customFunctionAgentflow_0";

  /** Puts out its variable {@code in}. */
  private static final FakeScripts ECHO =
      new FakeScripts(
          (script, cancellation) -> script.globals().getOrDefault("$in", Json.text(script.code())));

  private static String echo(String value) {
    return "{\"customFunctionJavascriptFunction\":\"echo\",\"customFunctionInputVariables\":"
        + "[{\"variableName\":\"in\",\"variableValue\":\""
        + value
        + "\"}]}";
  }

  private static FlowDraft over(String list, String more, String value) {
    return FlowDraft.start()
        .then(ITERATION, "Each", "{\"iterationInput\":" + Json.text(list) + more + "}")
        .node(CHILD, "Child", echo(value))
        .in(ITERATION);
  }

  @Test
  void everyItemIsRunAndToldBeforeTheContainer() {
    var run = over("['a', {x: 1},]", "", "{{ $iteration }}!").run().with(ECHO);
    RunResult result = run.ask("q");
    assertThat(result.status()).as(String.valueOf(result.error())).isEqualTo(RunStatus.FINISHED);
    assertThat(ids(result)).containsExactly("startAgentflow_0", CHILD, CHILD, ITERATION);
    JsonNode output = data(result, ITERATION).path("output");
    assertThat(output.path("iterationResults").toString()).isEqualTo("[\"a!\",\"{\\\"x\\\":1}!\"]");
    assertThat(output.path("content").asString()).isEqualTo("a!\n{\"x\":1}!");
    NodeRecord second = result.records().get(2);
    assertThat(second.previousNodeIds()).isEmpty();
    assertThat(second.data().path("iterationIndex").asInt()).isEqualTo(1);
    assertThat(second.data().path("parentNodeId").asString()).isEqualTo(ITERATION);
    assertThat(second.data().path("iterationContext").toString())
        .isEqualTo(
            "{\"index\":1,\"value\":{\"x\":1},\"isFirst\":false,\"isLast\":true,"
                + "\"sessionId\":\"session-1\"}");
    assertThat(run.data("agentFlowExecutedData")).hasSize(2);
    assertThat(run.data("nextAgentFlow")).hasSize(8);
    assertThat(run.tokens()).isEmpty();
  }

  @Test
  void falsyItemsAreItemsAndNumbersStayNumbers() {
    RunResult result = over("[0, \"\", false]", "", "<{{ $iteration }}>").run().with(ECHO).ask("q");
    assertThat(data(result, ITERATION).path("output").path("content").asString())
        .isEqualTo("<0>\n<>\n<false>");
    var typed = new FakeScripts((script, cancellation) -> Json.read("7"));
    RunResult numbers = over("[1, 2]", "", "").run().with(typed).ask("q");
    assertThat(data(numbers, ITERATION).path("output").path("iterationResults").toString())
        .isEqualTo("[7,7]");
  }

  @Test
  void resultsAreReadAsJsonWhenAsked() {
    RunResult result =
        over("[1]", ",\"resultType\":\"json\"", "{\\\"a\\\": {{ $iteration }}}")
            .run()
            .with(ECHO)
            .ask("q");
    assertThat(data(result, ITERATION).path("output").path("iterationResults").toString())
        .isEqualTo("[{\"a\":1}]");
  }

  @Test
  void whatLiesAroundIsSeenInside() {
    RunResult result =
        FlowDraft.start()
            .then("customFunctionAgentflow_7", "Before", echo("outer"))
            .then(ITERATION, "Each", "{\"iterationInput\":[1]}")
            .node(CHILD, "Child", echo("{{ customFunctionAgentflow_7 }}{{ $iteration }}"))
            .in(ITERATION)
            .node("iterationAgentflow_1", "Nested", "{\"iterationInput\":[\"n\"]}")
            .in(ITERATION)
            .edge(CHILD, "iterationAgentflow_1")
            .node(
                "customFunctionAgentflow_2",
                "Deep",
                echo(
                    "{{ customFunctionAgentflow_7 }}/{{ customFunctionAgentflow_0 }}/"
                        + "{{ $iteration }}"))
            .in("iterationAgentflow_1")
            .run()
            .with(ECHO)
            .ask("q");
    assertThat(result.text()).isEqualTo("outer/outer1/n");
    assertThat(ids(result))
        .containsExactly(
            "startAgentflow_0",
            "customFunctionAgentflow_7",
            CHILD,
            "customFunctionAgentflow_2",
            "iterationAgentflow_1",
            ITERATION);
  }

  @Test
  void itemsPassTheStateOnAndTheConversationNot() {
    var models = FakeModels.counting();
    RunResult result =
        FlowDraft.start("{\"startState\":[{\"key\":\"all\",\"value\":\"\"}]}")
            .then(ITERATION, "Each", "{\"iterationInput\":[\"a\",\"b\"]}")
            .node(
                "llmAgentflow_0",
                "Child",
                "{\"llmModel\":\"chatOpenAI\",\"llmEnableMemory\":true,\"llmUserMessage\":"
                    + "\"{{ $iteration }}\",\"llmUpdateState\":[{\"key\":\"all\",\"value\":"
                    + "\"{{ $flow.state.all }}{{ $iteration }}\"}]}")
            .in(ITERATION)
            .then(
                "directReplyAgentflow_0",
                "Reply",
                "{\"directReplyMessage\":\"{{ $flow.state.all }}|{{ chat_history }}\"}")
            .edge(ITERATION, "directReplyAgentflow_0")
            .run()
            .with(models)
            .ask("q");
    assertThat(result.text()).isEqualTo("ab|");
    assertThat(FakeModels.messages(models.calls().get(1))).containsExactly("user: q", "user: b");
    assertThat(models.calls().get(1).stream()).as("as the captures have it").isTrue();
  }

  @Test
  void anItemThatFailsSaysSoAndTheOthersRun() {
    var scripts =
        new FakeScripts((script, cancellation) -> {
          if (Json.text("b").equals(script.globals().get("$in"))) {
            throw new FlowException("no b");
          }
          return ECHO.run(script, cancellation);
        });
    RunResult result =
        over("[\"a\",\"b\",\"c\"]", "", "{{ $iteration }}").run().with(scripts).ask("q");
    assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(data(result, ITERATION).path("output").path("content").asString())
        .isEqualTo("a\nError in iteration 2: no b\nc");
    assertThat(result.records().get(2).status()).isEqualTo(RunStatus.ERROR);

    RunResult strict =
        over("[\"a\",\"b\",\"c\"]", ",\"onItemError\":\"fail\"", "{{ $iteration }}")
            .run()
            .with(scripts)
            .ask("q");
    assertThat(strict.error()).isEqualTo("Error in iteration 2: no b");
    assertThat(ids(strict)).containsExactly("startAgentflow_0", CHILD, CHILD, ITERATION);
  }

  @Test
  void tenItemsRunAtOnceAndKeepTheirOrder() {
    var together = new CyclicBarrier(10);
    var scripts =
        new FakeScripts((script, cancellation) -> {
          await(together);
          return ECHO.run(script, cancellation);
        });
    RunResult result =
        over("[0,1,2,3,4,5,6,7,8,9]", ",\"concurrency\":10", "{{ $iteration }}")
            .run()
            .with(scripts)
            .ask("q");
    assertThat(data(result, ITERATION).path("output").path("content").asString())
        .isEqualTo("0\n1\n2\n3\n4\n5\n6\n7\n8\n9");
    assertThat(result.records()).hasSize(12);
    assertThat(result.records().get(10).data().path("iterationIndex").asInt()).isEqualTo(9);
  }

  @Test
  void aLoopInsideStaysInsideItsItem() {
    RunResult result =
        FlowDraft.start()
            .then(ITERATION, "Each", "{\"iterationInput\":[1,2]}")
            .node(CHILD, "Child", echo("{{ $iteration }}.{{ loop_count }}"))
            .in(ITERATION)
            .node(
                "loopAgentflow_0",
                "Again",
                "{\"loopBackToNode\":\""
                    + CHILD
                    + "-Child\",\"maxLoopCount\":2,"
                    + "\"fallbackMessage\":\"{{ customFunctionAgentflow_0 }}\"}")
            .in(ITERATION)
            .edge(CHILD, "loopAgentflow_0")
            .run()
            .with(ECHO)
            .ask("q");
    assertThat(result.text()).isEqualTo("1.1\n2.1");
    assertThat(ids(result)).filteredOn(CHILD::equals).hasSize(4);
  }

  @Test
  void whatIsNoListIsRefusedByName() {
    assertThat(over("{\"a\":1}", "", "").run().ask("q").error()).contains("\"Each\"", "no list");
    assertThat(over("[1,", "", "").run().ask("q").error())
        .contains("iterationInput of node \"Each\"", "Invalid JSON");
    assertThat(
            FlowDraft.start()
                .then(ITERATION, "Each", "{\"iterationInput\":[1]}")
                .run()
                .ask("q")
                .error())
        .contains("Nothing is drawn inside");
  }

  @Test
  void theLimitOfNodesEndsTheRunNotTheItem() {
    RunResult result =
        over("[1,2,3,4,5,6]", "", "x")
            .run()
            .with(ECHO)
            .with(EngineSettings.DEFAULT.withMaxIterations(4))
            .ask("q");
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error()).contains("MAX_ITERATIONS");
  }

  @Test
  void anEmptyListIsDoneAtOnce() {
    RunResult result = over("[]", "", "x").run().ask("q");
    assertThat(data(result, ITERATION).path("output").toString())
        .isEqualTo("{\"iterationResults\":[],\"content\":\"\"}");
    assertThat(TestRun.ids(result)).containsExactly("startAgentflow_0", ITERATION);
  }

  private static void await(CyclicBarrier barrier) {
    try {
      var _ = barrier.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (BrokenBarrierException | TimeoutException e) {
      throw new AssertionError("the items do not run at once", e);
    }
  }
}
