package dev.millrace.flows.engine;

import static dev.millrace.flows.fakes.TestRun.data;
import static dev.millrace.flows.fakes.TestRun.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeJournal;
import dev.millrace.flows.fakes.FakeModels;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.Json;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Pauses for a human: what is asked, what is kept, and how the run goes on. */
class HumanInputTest {
  private static final UUID RUN = new UUID(0, 1);
  private static final String HUMAN = "humanInputAgentflow_0";
  private static final ObjectNode QUESTION = Json.object().put("question", "q");

  private final FakeJournal journal = new FakeJournal();
  private final FakeModels models = FakeModels.counting();

  private static final String LLM =
      "{\"llmModel\":\"chatOpenAI\",\"llmEnableMemory\":true,\"llmUserMessage\":\"\"}";
  private static final String ASK =
      "{\"humanInputDescriptionType\":\"fixed\",\"humanInputDescription\":\"<p>Sure?</p>\","
          + "\"humanInputEnableFeedback\":true}";

  /** Start, a model, a human; proceed leads to a model, reject back to the first. */
  private static Flow review() {
    return FlowDraft.start("{\"startState\":[{\"key\":\"k\",\"value\":\"v\"}]}")
        .then("llmAgentflow_0", "Writer", LLM)
        .then(HUMAN, "Review", ASK)
        .node("llmAgentflow_1", "Sender", LLM)
        .branch(HUMAN, "0", "llmAgentflow_1")
        .node(
            "loopAgentflow_0",
            "Again",
            "{\"loopBackToNode\":\"llmAgentflow_0-Writer\",\"maxLoopCount\":3}")
        .branch(HUMAN, "1", "loopAgentflow_0")
        .flow();
  }

  private TestRun run(Flow flow) {
    return TestRun.of(flow).with(models).with(journal);
  }

  private static List<ChatTurn> stored(String... contents) {
    var turns = new java.util.ArrayList<ChatTurn>();
    for (int index = 0; index < contents.length; index++) {
      turns.add(new ChatTurn(index % 2 == 0 ? "user" : "assistant", contents[index]));
    }
    return turns;
  }

  @Test
  void aPauseStopsTheRunAndSaysWhatItAsks() {
    var run = run(review());
    RunResult result = run.send(QUESTION);
    assertThat(result.status()).isEqualTo(RunStatus.STOPPED);
    assertThat(result.resumable()).isTrue();
    assertThat(result.text()).isEqualTo("answer 1\n\nSure?");
    assertThat(run.tokens()).endsWith("answer 1\n\nSure?");
    assertThat(ids(result)).containsExactly("startAgentflow_0", "llmAgentflow_0", HUMAN);
    NodeRecord paused = result.records().getLast();
    assertThat(paused.status()).isEqualTo(RunStatus.STOPPED);
    ObjectNode action = (ObjectNode) paused.data().path("output").path("humanInputAction");
    assertThat(action).isEqualTo(result.action());
    assertThat(action.path("mapping").toString())
        .isEqualTo("{\"approve\":\"Proceed\",\"reject\":\"Reject\"}");
    assertThat(action.path("data").path("nodeId").asString()).isEqualTo(HUMAN);
    assertThat(action.path("data").path("input")).isEqualTo(paused.data().path("input"));
    List<String> events = run.events();
    assertThat(events.subList(events.size() - 5, events.size()))
        .satisfiesExactly(
            event -> assertThat(event).contains("nextAgentFlow", "STOPPED"),
            event -> assertThat(event).contains("agentFlowExecutedData"),
            event -> assertThat(event).contains("agentFlowEvent", "STOPPED"),
            event -> assertThat(event).contains("\"action\"", "agentflowv2-approve-button"),
            event -> assertThat(event).contains("agentFlowEvent", "STOPPED"));
  }

  @Test
  void proceedGoesOnWithStateQuestionAndConversation() {
    run(review()).send(QUESTION);
    var run = run(review());
    RunResult result =
        run.resume(
            QUESTION,
            journal.answered(
                RUN, null, "{\"type\":\"proceed\"}", stored("q", "answer 1\n\nSure?")));
    assertThat(result.status()).as(String.valueOf(result.error())).isEqualTo(RunStatus.FINISHED);
    assertThat(ids(result))
        .containsExactly("startAgentflow_0", "llmAgentflow_0", HUMAN, "llmAgentflow_1");
    assertThat(models.calls()).hasSize(2);
    assertThat(FakeModels.messages(models.calls().get(1)))
        .containsExactly("user: q", "assistant: answer 1\n\nSure?");
    assertThat(data(result, HUMAN).path("output").toString())
        .isEqualTo(
            "{\"content\":\"proceed\",\"conditions\":[{\"type\":\"proceed\",\"startNodeId\":\""
                + HUMAN
                + "\",\"isFulfilled\":true},{\"type\":\"reject\",\"startNodeId\":\""
                + HUMAN
                + "\",\"isFulfilled\":false}]}");
    assertThat(result.records().getLast().data().path("state").toString())
        .isEqualTo("{\"k\":\"v\"}");
    assertThat(run.data("agentFlowExecutedData").getFirst()).hasSize(3);
  }

  @Test
  void rejectWithFeedbackLoopsAndAsksAnew() {
    run(review()).send(QUESTION);
    RunResult second =
        run(review())
            .resume(
                QUESTION,
                journal.answered(
                    RUN,
                    HUMAN,
                    "{\"type\":\"reject\",\"feedback\":\"shorter\"}",
                    stored("q", "answer 1\n\nSure?")));
    assertThat(second.status()).isEqualTo(RunStatus.STOPPED);
    assertThat(ids(second))
        .containsExactly(
            "startAgentflow_0",
            "llmAgentflow_0",
            HUMAN,
            "loopAgentflow_0",
            "llmAgentflow_0",
            HUMAN);
    assertThat(second.records().get(2).status()).isEqualTo(RunStatus.FINISHED);
    assertThat(FakeModels.messages(models.calls().get(1)))
        .containsExactly("user: q", "assistant: answer 1\n\nSure?", "user: shorter");

    // The count of the loop goes on over pauses: three passes, then the fallback.
    RunResult third =
        run(review())
            .resume(
                QUESTION,
                journal.answered(
                    RUN,
                    null,
                    "{\"type\":\"reject\"}",
                    stored("q", "answer 1\n\nSure?", "shorter", "answer 2\n\nSure?")));
    assertThat(third.status()).isEqualTo(RunStatus.STOPPED);
    assertThat(FakeModels.messages(models.calls().get(2)))
        .containsExactly(
            "user: q",
            "assistant: answer 1\n\nSure?",
            "user: shorter",
            "assistant: answer 2\n\nSure?");
    RunResult fourth =
        run(review())
            .resume(QUESTION, journal.answered(RUN, null, "{\"type\":\"reject\"}", List.of()));
    assertThat(fourth.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(fourth.records()).hasSize(10);
    assertThat(models.calls()).hasSize(3);
  }

  /** A form, an agent, a human; proceed leads to a model and a tool, reject back to the agent. */
  private static Flow mail() {
    return FlowDraft.start("{\"startInputType\":\"formInput\"}")
        .then(
            "agentAgentflow_0",
            "Writer",
            "{\"agentModel\":\"chatOpenAI\",\"agentModelConfig\":{},\"agentEnableMemory\":true,"
                + "\"agentMessages\":[{\"role\":\"system\",\"content\":\"Write on {{ $form.topic }}\"}],"
                + "\"agentTools\":[{\"agentSelectedTool\":\"currentDateTime\"}]}")
        .then(HUMAN, "Review", ASK)
        .node(
            "llmAgentflow_0",
            "Parts",
            "{\"llmModel\":\"chatOpenAI\",\"llmMessages\":[{\"role\":\"user\","
                + "\"content\":\"Split for {{ $form.to }}: {{ agentAgentflow_0 }}\"}]}")
        .branch(HUMAN, "0", "llmAgentflow_0")
        .then(
            "toolAgentflow_0",
            "Send",
            "{\"toolAgentflowSelectedTool\":\"calculator\",\"toolInputArgs\":"
                + "[{\"inputArgName\":\"input\",\"inputArgValue\":\"6*7\"}]}")
        .node(
            "loopAgentflow_0",
            "Again",
            "{\"loopBackToNode\":\"agentAgentflow_0-Writer\",\"maxLoopCount\":5}")
        .branch(HUMAN, "1", "loopAgentflow_0")
        .flow();
  }

  @Test
  void anAgentIsReviewedUntilItsMailMayBeSent() {
    var form = (ObjectNode) Json.read("{\"form\":{\"topic\":\"tides: high\",\"to\":\"a@b\"}}");
    RunResult first = run(mail()).send(form);
    assertThat(first.status()).as(String.valueOf(first.error())).isEqualTo(RunStatus.STOPPED);
    assertThat(ids(first)).containsExactly("startAgentflow_0", "agentAgentflow_0", HUMAN);
    assertThat(first.text()).isEqualTo("answer 1\n\nSure?");

    RunResult second =
        run(mail())
            .resume(
                form,
                journal.answered(
                    RUN,
                    HUMAN,
                    "{\"type\":\"reject\",\"feedback\":\"shorter\"}",
                    stored("topic: tides: high\nto: a@b", "answer 1\n\nSure?")));
    assertThat(second.status()).isEqualTo(RunStatus.STOPPED);
    assertThat(ids(second))
        .containsExactly(
            "startAgentflow_0",
            "agentAgentflow_0",
            HUMAN,
            "loopAgentflow_0",
            "agentAgentflow_0",
            HUMAN);
    assertThat(FakeModels.messages(models.calls().get(1)))
        .startsWith("system: Write on tides: high")
        .endsWith("user: shorter");

    RunResult third =
        run(mail()).resume(form, journal.answered(RUN, null, "{\"type\":\"proceed\"}", List.of()));
    assertThat(third.status()).as(String.valueOf(third.error())).isEqualTo(RunStatus.FINISHED);
    assertThat(ids(third)).endsWith(HUMAN, "llmAgentflow_0", "toolAgentflow_0");
    assertThat(FakeModels.messages(models.calls().getLast()))
        .containsExactly("user: Split for a@b: answer 2");
    assertThat(third.text()).isEqualTo("42");
  }

  @Test
  void anAgentsMailThatMayBeSentAtOnceTakesFiveSteps() {
    var form = (ObjectNode) Json.read("{\"form\":{\"topic\":\"t\",\"to\":\"a@b\"}}");
    run(mail()).send(form);
    RunResult result =
        run(mail()).resume(form, journal.answered(RUN, null, "{\"type\":\"proceed\"}", List.of()));
    assertThat(ids(result))
        .containsExactly(
            "startAgentflow_0", "agentAgentflow_0", HUMAN, "llmAgentflow_0", "toolAgentflow_0");
    assertThat(models.calls()).as("the agent is not asked again").hasSize(2);
  }

  @Test
  void siblingsRunOnAndTwoQuestionsAreOpenAtTheSameTime() {
    var done = new AtomicInteger();
    var scripts =
        new FakeScripts((script, cancellation) -> Json.text("s" + done.incrementAndGet()));
    Flow flow =
        FlowDraft.start()
            .then(HUMAN, "Left", ASK)
            .node("humanInputAgentflow_1", "Right", ASK)
            .edge("startAgentflow_0", "humanInputAgentflow_1")
            .node("customFunctionAgentflow_0", "Beside", "{}")
            .edge("startAgentflow_0", "customFunctionAgentflow_0")
            .node(
                "directReplyAgentflow_0",
                "Join",
                "{\"directReplyMessage\":\"{{ humanInputAgentflow_0 }}/"
                    + "{{ humanInputAgentflow_1 }}/{{ customFunctionAgentflow_0 }}\"}")
            .branch(HUMAN, "0", "directReplyAgentflow_0")
            .branch("humanInputAgentflow_1", "0", "directReplyAgentflow_0")
            .edge("customFunctionAgentflow_0", "directReplyAgentflow_0")
            .flow();
    var first = run(flow).with(scripts);
    assertThat(first.send(QUESTION).status()).isEqualTo(RunStatus.STOPPED);
    assertThat(first.data("action")).hasSize(2);
    RunResult second =
        run(flow)
            .with(scripts)
            .resume(
                QUESTION,
                journal.answered(
                    RUN, HUMAN, "{\"type\":\"proceed\",\"feedback\":\"l\"}", List.of()));
    assertThat(second.status()).isEqualTo(RunStatus.STOPPED);
    assertThat(second.action()).isNotNull();
    RunResult third =
        run(flow)
            .with(scripts)
            .resume(
                QUESTION,
                journal.answered(
                    RUN, null, "{\"type\":\"proceed\",\"feedback\":\"r\"}", List.of()));
    assertThat(third.status()).as(String.valueOf(third.error())).isEqualTo(RunStatus.FINISHED);
    assertThat(third.text()).isEqualTo("l/r/s1");
    assertThat(done).hasValue(1);
  }

  @Test
  void aQuestionInsideAnIterationResumesInItsItem() {
    var calls = new AtomicInteger();
    var scripts =
        new FakeScripts((script, cancellation) -> Json.text("c" + calls.incrementAndGet()));
    Flow flow =
        FlowDraft.start()
            .then("iterationAgentflow_0", "Each", "{\"iterationInput\":[\"a\",\"b\"]}")
            .node("customFunctionAgentflow_0", "Work", "{}")
            .in("iterationAgentflow_0")
            .node(HUMAN, "Check", ASK)
            .in("iterationAgentflow_0")
            .edge("customFunctionAgentflow_0", HUMAN)
            .flow();
    RunResult first = run(flow).with(scripts).send(QUESTION);
    assertThat(first.status()).isEqualTo(RunStatus.STOPPED);
    assertThat(ids(first)).containsExactly("startAgentflow_0", "customFunctionAgentflow_0", HUMAN);
    RunResult second =
        run(flow)
            .with(scripts)
            .resume(
                QUESTION,
                journal.answered(
                    RUN, null, "{\"type\":\"proceed\",\"feedback\":\"one\"}", List.of()));
    assertThat(second.status()).isEqualTo(RunStatus.STOPPED);
    RunResult third =
        run(flow)
            .with(scripts)
            .resume(
                QUESTION,
                journal.answered(
                    RUN, null, "{\"type\":\"proceed\",\"feedback\":\"two\"}", List.of()));
    assertThat(third.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(third.text()).isEqualTo("one\ntwo");
    assertThat(calls).hasValue(2);
  }

  @Test
  void aDynamicQuestionIsWrittenByAModel() {
    Flow flow =
        FlowDraft.start()
            .then("llmAgentflow_0", "Writer", LLM)
            .then(
                HUMAN,
                "Review",
                "{\"humanInputDescriptionType\":\"dynamic\",\"humanInputModel\":\"chatOpenAI\","
                    + "\"humanInputModelPrompt\":\"sum up {{ question }}\"}")
            .flow();
    var run = run(flow);
    RunResult result = run.send(QUESTION);
    assertThat(result.text()).isEqualTo("answer 2");
    assertThat(FakeModels.messages(models.calls().get(1)))
        .containsExactly("user: q", "user: answer 1", "user: sum up q");
    assertThat(models.calls().get(1).stream()).isTrue();
    assertThat(run.tokens()).contains("answer 2");
  }

  @Test
  void anAnswerOfAnotherTypeIsRefused() {
    run(review()).send(QUESTION);
    RunResult result =
        run(review())
            .resume(QUESTION, journal.answered(RUN, null, "{\"type\":\"maybe\"}", List.of()));
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error()).contains("maybe", "proceed");
    assertThat(result.resumable()).isFalse();
  }

  @Test
  void aFlowThatChangedMeanwhileSaysSo() {
    run(review()).send(QUESTION);
    Flow changed = FlowDraft.start().then(HUMAN, "Review", ASK).flow();
    RunResult result =
        run(changed)
            .resume(QUESTION, journal.answered(RUN, null, "{\"type\":\"proceed\"}", List.of()));
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error()).contains("the flow has changed", "Writer");
  }
}
