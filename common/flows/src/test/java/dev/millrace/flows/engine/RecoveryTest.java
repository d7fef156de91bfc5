package dev.millrace.flows.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeJournal;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Runs that are taken over: at whatever point that happens, nothing journalled runs again. */
class RecoveryTest {
  private static final UUID RUN = new UUID(0, 1);

  private static String work(String name) {
    return "{\"customFunctionJavascriptFunction\":\""
        + name
        + "\",\"customFunctionInputVariables\":[{\"variableName\":\"in\",\"variableValue\":"
        + "\"{{ $iteration }}{{ loop_count }}\"}],\"customFunctionUpdateState\":"
        + "[{\"key\":\"log\",\"value\":\"{{ $flow.state.log }}"
        + name
        + "{{ loop_count }}\"}]}";
  }

  /** Branches that join, a loop over them, and an iteration with two nodes in each pass. */
  private static Flow everything() {
    return FlowDraft.start("{\"startState\":[{\"key\":\"log\",\"value\":\"\"}]}")
        .then("customFunctionAgentflow_0", "A", work("a"))
        .then("customFunctionAgentflow_1", "B", work("b"))
        .node("customFunctionAgentflow_2", "C", work("c"))
        .edge("customFunctionAgentflow_0", "customFunctionAgentflow_2")
        .node("customFunctionAgentflow_3", "D", work("d"))
        .edge("customFunctionAgentflow_1", "customFunctionAgentflow_3")
        .edge("customFunctionAgentflow_2", "customFunctionAgentflow_3")
        .then("iterationAgentflow_0", "Each", "{\"iterationInput\":[\"x\",\"y\",\"z\"]}")
        .node("customFunctionAgentflow_4", "E", work("e"))
        .in("iterationAgentflow_0")
        .node("customFunctionAgentflow_5", "F", work("f"))
        .in("iterationAgentflow_0")
        .edge("customFunctionAgentflow_4", "customFunctionAgentflow_5")
        .node(
            "loopAgentflow_0",
            "Again",
            "{\"loopBackToNode\":\"customFunctionAgentflow_0-A\",\"maxLoopCount\":2}")
        .edge("iterationAgentflow_0", "loopAgentflow_0")
        .flow();
  }

  private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

  private final FakeScripts scripts =
      new FakeScripts((script, cancellation) -> {
        String call = script.code() + Json.object().setAll(script.globals()).path("$in");
        calls.add(call);
        return Json.text(call);
      });

  @Test
  void aRunGoesOnAfterAnyEntryAsIfNothingHadHappened() {
    var journal = new FakeJournal();
    RunResult whole = TestRun.of(everything()).with(scripts).with(journal).ask("q");
    assertThat(whole.status()).as(String.valueOf(whole.error())).isEqualTo(RunStatus.FINISHED);
    int entries = journal.entries(RUN).size();
    assertThat(entries).isEqualTo(whole.records().size()).isEqualTo(25);
    List<String> all = sorted(calls);
    assertThat(all).hasSize(20).doesNotHaveDuplicates();

    for (int durable = 0; durable <= entries; durable++) {
      calls.clear();
      Past past = journal.crashedAfter(RUN, durable);
      long functions =
          past.entries().stream()
              .filter(entry -> entry.record().nodeId().startsWith("customFunction"))
              .count();
      RunResult again =
          TestRun.of(everything())
              .with(scripts)
              .with(new FakeJournal())
              .resume(Json.object().put("question", "q"), past);
      assertThat(again.status()).isEqualTo(RunStatus.FINISHED);
      assertThat(shown(again)).as("after %s entries", durable).isEqualTo(shown(whole));
      assertThat(calls).hasSize((int) (20 - functions));
    }
  }

  @Test
  void whatIsJournalledTellsInputsAndTimes() {
    var journal = new FakeJournal();
    TestRun.of(everything()).with(scripts).with(journal).ask("q");
    JournalEntry last = journal.entries(RUN).getLast();
    assertThat(last.key()).isEqualTo("loopAgentflow_0#1");
    assertThat(last.startedAt()).isEqualTo(TestRun.NOW.toEpochMilli());
    List<JournalEntry> e =
        journal.entries(RUN).stream().filter(entry -> entry.key().contains("_4#")).toList();
    assertThat(e.getFirst().key())
        .isEqualTo("iterationAgentflow_0#0/0/customFunctionAgentflow_4#0");
    assertThat(e.get(0).inputsHash()).hasSize(32).isNotEqualTo(e.get(1).inputsHash());
  }

  @Test
  void aRunWhoseEndWasStoredIsNotRunAgain() {
    var journal = new FakeJournal();
    RunResult whole = TestRun.of(everything()).with(scripts).with(journal).ask("q");
    calls.clear();
    RunResult again =
        TestRun.of(everything())
            .with(scripts)
            .with(journal)
            .resume(Json.object().put("question", "q"), journal.past(RUN));
    assertThat(again).isSameAs(whole);
    assertThat(calls).isEmpty();
  }

  @Test
  void anEffectWaitsUntilWhatCameBeforeItIsDurable() {
    var order = Collections.synchronizedList(new ArrayList<String>());
    var journal =
        new RunJournal() {
          @Override
          public void started(RunRequest run) {}

          @Override
          public Receipt nodeFinished(UUID runId, JournalEntry entry) {
            order.add("entry " + entry.record().nodeId());
            return () -> order.add("await " + entry.record().nodeId());
          }

          @Override
          public Past past(UUID runId) {
            return Past.NONE;
          }

          @Override
          public void finished(RunRequest run, RunResult result) {}
        };
    FlowDraft.start()
        .then("customFunctionAgentflow_0", "A", "{}")
        .then("customFunctionAgentflow_1", "B", "{}")
        .then("directReplyAgentflow_0", "C", "{\"directReplyMessage\":\"c\"}")
        .run()
        .with(journal)
        .ask("q");
    assertThat(order)
        .containsExactly(
            "entry startAgentflow_0",
            "entry customFunctionAgentflow_0",
            "await customFunctionAgentflow_0",
            "entry customFunctionAgentflow_1",
            "entry directReplyAgentflow_0");
  }

  private static List<String> sorted(List<String> list) {
    return list.stream().sorted().toList();
  }

  private static List<String> shown(RunResult result) {
    return result.records().stream().map(record -> record.toJson().toString()).toList();
  }
}
