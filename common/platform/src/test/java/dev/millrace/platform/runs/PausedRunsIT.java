package dev.millrace.platform.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.JournalEntry;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.runs.PausedRuns.Answer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Objects;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Runs that wait for humans, and runs whose process is gone, in the database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PausedRunsIT {
  private final Database database = TestDatabase.migrated();
  private final String workspace = new Workspaces(database).defaultWorkspace().workspaceId();
  private final RunStore store =
      new RunStore(database, InstantSource.fixed(Runs.START.plusSeconds(1)), name -> null);

  @AfterAll
  void close() {
    store.close();
    database.close();
  }

  private RunRequest paused(String flow, String session, String... nodes) {
    var run = Runs.request(flow, workspace, session, "{\"question\":\"buy?\",\"uploads\":[1]}");
    store.started(run);
    var _ = store.nodeFinished(run.runId(), Runs.entry("start", "{}"));
    for (var node : nodes) {
      var _ = store.nodeFinished(run.runId(), Runs.paused(node));
    }
    store.finished(run, Runs.result(RunStatus.STOPPED, "sure?", "{\"id\":\"7\"}"));
    return run;
  }

  private static Answer answer(String flow, String session, @Nullable String node) {
    var json = node == null ? "" : ",\"startNodeId\":\"" + node + "\"";
    return new Answer(
        UUID.randomUUID(),
        UUID.randomUUID(),
        flow,
        session,
        Runs.object("{\"type\":\"proceed\"" + json + "}"));
  }

  @Test
  void anAnswerFindsItsQuestionAndAllThatCameBefore() {
    var flow = UUID.randomUUID().toString();
    var run = paused(flow, "s1", "left", "right");
    var left = answer(flow, "s1", "left");

    var resumed = store.resume(left).orElseThrow();

    assertThat(resumed.runId()).isEqualTo(run.runId());
    assertThat(resumed.input()).isEqualTo(run.input());
    assertThat(resumed.past().entries())
        .containsExactly(Runs.entry("start", "{}"), Runs.paused("left"), Runs.paused("right"));
    var answered = Objects.requireNonNull(resumed.past().answer());
    assertThat(answered.key()).isEqualTo("left#0");
    assertThat(resumed.past().told())
        .extracting(ChatTurn::content)
        .containsExactly("buy?", "sure?");
    assertThat(store.history(flow, "s1", run.runId())).isEmpty();
    assertThat(store.run(run.runId()).orElseThrow().status()).isEqualTo(RunStatus.INPROGRESS);
    // Nobody else may go on with it now, but the same job may when its worker died.
    assertThat(store.resume(answer(flow, "s1", "right"))).isEmpty();
    assertThat(store.resume(left)).isPresent();
  }

  @Test
  void withoutANodeTheLastQuestionIsMeantAndAnActionMayBeNamed() {
    var flow = UUID.randomUUID().toString();
    paused(flow, "s2", "left", "right");
    assertThat(key(answer(flow, "s2", null))).isEqualTo("right#0");
    paused(flow, "s3", "left", "right");
    assertThat(key(answer(flow, "s3", "action of left"))).isEqualTo("left#0");
    assertThat(store.resume(answer(flow, "s4", null))).isEmpty();
    assertThat(store.resume(answer(flow, "s3", "elsewhere"))).isEmpty();
  }

  @Test
  void severalRunsOfASessionMayWait() {
    var flow = UUID.randomUUID().toString();
    var older = paused(flow, "s5", "first");
    var newer = paused(flow, "s5", "second");
    assertThat(store.resume(answer(flow, "s5", "first")).orElseThrow().runId())
        .isEqualTo(older.runId());
    assertThat(store.resume(answer(flow, "s5", null)).orElseThrow().runId())
        .isEqualTo(newer.runId());
  }

  @Test
  void theEntryOfTheAnswerTakesThePlaceOfTheQuestionOnce() {
    var flow = UUID.randomUUID().toString();
    var run = paused(flow, "s6", "ask");
    var job = answer(flow, "s6", null);
    assertThat(store.resume(job)).isPresent();
    store.nodeFinished(run.runId(), Runs.entry("other", "{}")).await();
    store.nodeFinished(run.runId(), Runs.entry("ask", "{\"content\":\"yes\"}")).await();
    store.nodeFinished(run.runId(), Runs.entry("ask", "{\"content\":\"late\"}")).await();

    var again = store.resume(job).orElseThrow();

    assertThat(again.past().entries())
        .containsExactly(
            Runs.entry("start", "{}"),
            Runs.entry("other", "{}"),
            Runs.entry("ask", "{\"content\":\"yes\"}"));
    assertThat(again.past().answer()).isNotNull();

    var request = Runs.again(run, "{\"humanInput\":{\"type\":\"proceed\"}}", Runs.START);
    store.finished(request, Runs.finished("done"));
    assertThat(store.journal(run.runId())).isEmpty();
    assertThat(store.resume(job)).isEmpty();
    var told =
        new Answer(
            job.job(), request.answerId(), flow, "s6", Runs.object("{\"type\":\"proceed\"}"));
    var ended = Objects.requireNonNull(store.resume(told).orElseThrow().past().ended());
    assertThat(ended.status()).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  void aRunThatIsTakenOverFindsItsJournalOrItsEnd() {
    var run = Runs.request(UUID.randomUUID().toString(), workspace, "s7", "{}");
    store.started(run);
    var _ = store.nodeFinished(run.runId(), Runs.entry("a", "{}"));
    assertThat(store.past(run.runId()).entries()).containsExactly(Runs.entry("a", "{}"));
    assertThat(store.past(run.runId()).ended()).isNull();
    store.finished(run, Runs.finished("x"));
    var ended = Objects.requireNonNull(store.past(run.runId()).ended());
    assertThat(ended.text()).isEqualTo("x");
  }

  @Test
  void aRunWhoseProcessIsGoneIsNotLeftInProgress() {
    var run = Runs.request(UUID.randomUUID().toString(), workspace, "s8", "{}");
    store.started(run);
    store.nodeFinished(run.runId(), Runs.entry("a", "{\"content\":\"nul \\u0000\"}")).await();
    database.<Void>with(handle -> {
      handle.execute(
          "UPDATE millrace.open_run SET owner = ?, since = now() - interval '1 hour'"
              + " WHERE run_id = ?",
          UUID.randomUUID(),
          run.runId());
      return null;
    });
    try (var _ =
        new RunWatch(database, UUID.randomUUID(), Duration.ofMillis(50), Duration.ofSeconds(60))) {
      Awaitility.await()
          .until(() -> store.run(run.runId()).orElseThrow().status() == RunStatus.ERROR);
    }
    var records = store.run(run.runId()).orElseThrow().records();
    assertThat(records).hasSize(2);
    assertThat(records.get(1).at("/data/error").asString()).contains("is gone");
    // When its job is taken over after all, it goes on.
    assertThat(store.past(run.runId()).ended()).isNull();
    assertThat(store.past(run.runId()).entries()).hasSize(1);
  }

  /** CL-3: of several nodes that find the same run, exactly one ends it. */
  @Test
  void aRunWhoseProcessIsGoneIsEndedOnce() {
    var run = Runs.request(UUID.randomUUID().toString(), workspace, "s10", "{}");
    store.started(run);
    store.nodeFinished(run.runId(), Runs.entry("a", "{}")).await();
    database.<Void>with(handle -> {
      handle.execute(
          "UPDATE millrace.open_run SET owner = ?, since = now() - interval '1 hour'"
              + " WHERE run_id = ?",
          UUID.randomUUID(),
          run.runId());
      return null;
    });
    var watches = new ArrayList<RunWatch>();
    try {
      for (var i = 0; i < 3; i++) {
        watches.add(
            new RunWatch(
                database, UUID.randomUUID(), Duration.ofMillis(10), Duration.ofSeconds(60)));
      }
      Awaitility.await()
          .until(() -> store.run(run.runId()).orElseThrow().status() == RunStatus.ERROR);
    } finally {
      watches.forEach(RunWatch::close);
    }
    // Each that ended it would have added a record of the interruption.
    assertThat(store.run(run.runId()).orElseThrow().records()).hasSize(2);
  }

  @Test
  void aStepIsDurableWhenItsReceiptSaysSo() {
    var run = Runs.request(UUID.randomUUID().toString(), workspace, "s9", "{}");
    store.started(run);
    var receipt = store.nodeFinished(run.runId(), Runs.entry("a", "{}"));
    receipt.await();
    assertThat(store.journal(run.runId())).extracting(JournalEntry::key).containsExactly("a#0");
    receipt.await();
  }

  private String key(Answer answer) {
    var asked = store.resume(answer).orElseThrow().past().answer();
    return asked == null ? "" : asked.key();
  }
}
