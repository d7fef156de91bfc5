package dev.millrace.platform.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowStore;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.DatabaseUnavailableException;
import dev.millrace.platform.db.GroupWriter;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.db.Workspaces;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RunStoreIT {
  private static final UUID OTHER = new UUID(0, 0);
  private final String flow = UUID.randomUUID().toString();
  private Database database;
  private String workspace;
  private RunStore store;
  private String session;

  RunStoreIT() {
    database = TestDatabase.migrated();
    workspace = new Workspaces(database).defaultWorkspace().workspaceId();
    store = open(database);
    session = "";
  }

  private static RunStore open(Database database) {
    return new RunStore(
        database,
        InstantSource.fixed(Runs.START.plusSeconds(1)),
        name -> name.equals("FROM_ENV") ? "env value" : null);
  }

  @BeforeEach
  void chooseSession() {
    session = UUID.randomUUID().toString();
  }

  @AfterAll
  void close() {
    store.close();
    database.close();
  }

  @Test
  void findsToolsAndDocumentsOfTheWorkspace() {
    var tool = UUID.randomUUID();
    var documents = UUID.randomUUID();
    database.with(handle ->
        handle.execute(
            """
            INSERT INTO tool (id, name, description, color, func, "workspaceId")
            VALUES (?, 'echo', 'says it again', 'red', 'return $n', ?)
            """,
            tool,
            workspace));
    database.with(handle ->
        handle.execute(
            """
            INSERT INTO document_store (id, name, status, "embeddingConfig", "workspaceId")
            VALUES (?, 'Docs', 'UPSERTED', '{"name":"openAIEmbeddings"}', ?)
            """,
            documents,
            workspace));
    database.with(handle ->
        handle.execute(
            """
            INSERT INTO document_store_file_chunk ("docId", "chunkNo", "storeId", "pageContent")
            SELECT ?, n, ?, 'piece ' || n FROM generate_series(1, 5) n
            """,
            UUID.randomUUID(),
            documents));

    assertThat(store.tool(tool.toString(), workspace))
        .contains(new FlowStore.StoredTool("echo", "says it again", "", "return $n"));
    assertThat(store.tool(tool.toString(), "another")).isEmpty();
    assertThat(store.tool("no uuid", workspace)).isEmpty();
    assertThat(store.documents(documents.toString(), workspace).orElseThrow().embedding())
        .isEqualTo("{\"name\":\"openAIEmbeddings\"}");
    assertThat(store.documents(documents.toString(), "another")).isEmpty();
    assertThat(store.pieces(documents.toString(), 3, 10))
        .extracting(FlowStore.StoredPiece::text)
        .containsExactly("piece 4", "piece 5");
  }

  @Test
  void storesExecutionAndBothMessages() {
    var run =
        Runs.request(flow, workspace, session, "{\"question\":\"2+2?\",\"uploads\":[{\"a\":1}]}");
    store.started(run);
    var _ = store.nodeFinished(run.runId(), Runs.entry("a", "{}"));
    store.finished(run, Runs.finished("four\0"));

    assertThat(row("SELECT * FROM execution WHERE id = '" + run.runId() + "'"))
        .containsEntry("state", "FINISHED")
        .containsEntry("sessionid", session)
        .containsEntry("agentflowid", UUID.fromString(flow))
        .containsEntry("workspaceid", workspace)
        .containsEntry("stoppeddate", null)
        .containsEntry(
            "executiondata",
            "[{\"nodeId\":\"llmAgentflow_0\",\"nodeLabel\":\"Label of llmAgentflow_0\","
                + "\"data\":{\"id\":\"llmAgentflow_0\",\"output\":{\"content\":\"x\","
                + "\"usedTools\":[{\"tool\":1}]}},\"previousNodeIds\":[\"startAgentflow_0\"],"
                + "\"status\":\"FINISHED\"}]");
    assertThat(row(message("userMessage")))
        .containsEntry("content", "2+2?")
        .containsEntry("fileuploads", "[{\"a\":1}]")
        .containsEntry("createddate", java.sql.Timestamp.valueOf("2026-11-22 10:00:00"))
        .containsEntry("chattype", "EXTERNAL")
        .containsEntry("executionid", run.runId());
    assertThat(row(message("apiMessage")))
        .containsEntry("id", run.answerId())
        .containsEntry("content", "four")
        .containsEntry("usedtools", "[{\"tool\":1}]")
        .containsEntry("createddate", java.sql.Timestamp.valueOf("2026-11-22 10:00:01"));
    assertThat(count("millrace.run_journal WHERE run_id = '" + run.runId() + "'")).isZero();
  }

  @Test
  void costsAShortRunOneStatement() {
    var before = database.statements();
    var run = Runs.request(flow, workspace, session, "{\"question\":\"q\"}");

    store.started(run);
    var _ = store.nodeFinished(run.runId(), Runs.entry("a", "{}"));
    var _ = store.nodeFinished(run.runId(), Runs.entry("b", "{}"));
    store.finished(run, Runs.finished("a"));

    // 3 when the machine stood still for longer than the linger, otherwise 1.
    assertThat(database.statements() - before).isLessThanOrEqualTo(3);
  }

  @Test
  void aRunTakenUpAgainUsesTheSameRows() {
    var run = Runs.request(flow, workspace, session, "{\"question\":\"q\"}");
    store.started(run);
    awaitState(run.runId(), "INPROGRESS");
    store.started(run);
    store.finished(run, Runs.finished("first"));
    store.started(run);
    store.finished(run, Runs.finished("second"));

    assertThat(count("execution WHERE \"sessionId\" = '" + session + "'")).isEqualTo(1);
    assertThat(state(run.runId())).isEqualTo("FINISHED");
    assertThat(store.history(flow, session, OTHER))
        .containsExactly(
            new ChatTurn("user", "q"),
            new ChatTurn(
                "assistant", "first", null, Runs.object("{\"usedTools\":[{\"tool\":1}]}")));
  }

  @Test
  void journalsWhatASlowRunHasDone() {
    var run = Runs.request(flow, workspace, session, "{}");
    store.started(run);
    for (var i = 0; i < 5; i++) {
      var _ = store.nodeFinished(run.runId(), Runs.entry("node_" + i, "{\"n\":" + i + "}"));
    }
    Awaitility.await().until(() -> store.journal(run.runId()).size() == 5);

    var journal = store.journal(run.runId());
    assertThat(journal)
        .extracting(entry -> entry.record().nodeId())
        .containsExactly("node_0", "node_1", "node_2", "node_3", "node_4");
    assertThat(journal.getFirst()).isEqualTo(Runs.entry("node_0", "{\"n\":0}"));

    assertThat(store.markInterrupted(run.runId(), "the worker died twice")).isTrue();
    assertThat(store.markInterrupted(run.runId(), "again")).isFalse();
    var stored = store.run(run.runId()).orElseThrow();
    assertThat(stored.status()).isEqualTo(RunStatus.ERROR);
    assertThat(stored.records()).hasSize(6);
    assertThat(stored.records().get(5).at("/data/error").asString())
        .isEqualTo("the worker died twice");
    assertThat(store.journal(run.runId())).isEmpty();
  }

  @Test
  void marksARunThatHasOnlyJustBegun() {
    var run = Runs.request(flow, workspace, session, "{}");
    store.started(run);

    assertThat(store.markInterrupted(run.runId(), "no such model")).isTrue();

    assertThat(state(run.runId())).isEqualTo("ERROR");
    assertThat(store.markInterrupted(UUID.randomUUID(), "unknown")).isFalse();
  }

  @Test
  void keepsNoMessagesOfAFailedRun() {
    var run = Runs.request(flow, workspace, session, "{\"question\":\"q\"}");

    store.finished(run, Runs.result(RunStatus.ERROR, "", null));

    assertThat(state(run.runId())).isEqualTo("ERROR");
    assertThat(store.history(flow, session, OTHER)).isEmpty();
  }

  @Test
  void closesTheQuestionToAHumanOnceItIsAnswered() {
    var asking = Runs.request(flow, workspace, session, "{\"question\":\"buy?\"}");
    store.finished(asking, Runs.result(RunStatus.STOPPED, "sure?", "{\"id\":\"7\"}"));
    assertThat(row("SELECT * FROM execution WHERE id = '" + asking.runId() + "'"))
        .containsEntry("state", "STOPPED")
        .containsEntry("action", "{\"id\":\"7\"}")
        .containsEntry("stoppeddate", java.sql.Timestamp.valueOf("2026-11-22 10:00:01"));
    assertThat(count("chat_message WHERE action IS NOT NULL AND \"sessionId\" = '" + session + "'"))
        .isEqualTo(1);
    assertThat(store.previousRun(flow, session).orElseThrow().status())
        .isEqualTo(RunStatus.STOPPED);

    var answering =
        Runs.again(
            asking,
            "{\"humanInput\":{\"type\":\"proceed\",\"feedback\":\"go on\"}}",
            Runs.START.plusSeconds(60));
    store.started(answering);
    Awaitility.await().until(() -> state(answering.runId()).equals("INPROGRESS"));
    store.finished(answering, Runs.result(RunStatus.STOPPED, "really?", "{\"id\":\"8\"}"));

    assertThat(
            row(
                "SELECT id, action FROM chat_message WHERE action IS NOT NULL AND \"sessionId\" = '"
                    + session
                    + "'"))
        .containsEntry("id", answering.answerId())
        .containsEntry("action", "{\"id\":\"8\"}");
    assertThat(store.history(flow, session, OTHER))
        .extracting(ChatTurn::content)
        .containsExactly("buy?", "sure?", "go on", "really?");
    assertThat(store.previousRun(flow, session).orElseThrow().executionId())
        .isEqualTo(answering.runId().toString());
  }

  @Test
  void rendersFormsAndEmptyQuestions() {
    store.finished(
        Runs.request(flow, workspace, session, "{\"form\":{\"name\":\"Ada\",\"age\":36}}"),
        Runs.finished("ok"));

    assertThat(store.history(flow, session, OTHER).getFirst().content())
        .isEqualTo("name: Ada\nage: 36");
  }

  @Test
  void sharesCommitsAmongConcurrentRuns() throws Exception {
    var before = database.statements();
    var began = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<Future<?>>();
      for (var i = 0; i < 1_000; i++) {
        var run = Runs.request(flow, workspace, session, "{\"question\":\"q" + i + "\"}");
        results.add(
            threads.submit(() -> {
              store.started(run);
              var _ = store.nodeFinished(run.runId(), Runs.entry("a", "{}"));
              store.finished(run, Runs.finished("a"));
            }));
      }
      for (var result : results) {
        result.get();
      }
    }
    var millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
    var statements = database.statements() - before;

    assertThat(count("execution WHERE state = 'FINISHED' AND \"sessionId\" = '" + session + "'"))
        .isEqualTo(1_000);
    assertThat(count("chat_message WHERE \"sessionId\" = '" + session + "'")).isEqualTo(2_000);
    assertThat(statements).isLessThan(200);
    System.out.println("1000 concurrent runs: " + statements + " statements, " + millis + " ms");
  }

  @Test
  void failsOnlyTheRunThatCannotBeStored() throws Exception {
    var poisoned = 42;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<Future<?>>();
      for (var i = 0; i < 100; i++) {
        var flowId = i == poisoned ? "no uuid" : flow;
        var run = Runs.request(flowId, workspace, session, "{\"question\":\"q\"}");
        results.add(threads.submit(() -> store.finished(run, Runs.finished("a"))));
      }
      for (var i = 0; i < results.size(); i++) {
        var result = results.get(i);
        if (i == poisoned) {
          assertThatThrownBy(result::get)
              .isInstanceOf(ExecutionException.class)
              .hasMessageContaining("could not be stored")
              .hasMessageContaining("no uuid");
        } else {
          result.get();
        }
      }
    }
    assertThat(count("execution WHERE \"sessionId\" = '" + session + "'")).isEqualTo(99);
  }

  @Test
  void tellsTheJobWhenPostgresStaysAway() {
    var hasty = new GroupWriter.Limits(10, 10, Duration.ofMillis(1), Duration.ofMillis(500));
    try (var away = TestDatabase.unreachable();
        var unable = new RunStore(away, InstantSource.system(), name -> null, hasty)) {
      var run = Runs.request(flow, workspace, session, "{}");

      assertThatThrownBy(() -> unable.finished(run, Runs.finished("a")))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContaining(run.runId().toString());
    }
  }

  @Test
  void storesTheEndOfARunWhoseThreadWasInterrupted() {
    var run = Runs.request(flow, workspace, session, "{}");
    Thread.currentThread().interrupt();

    store.finished(run, Runs.result(RunStatus.TERMINATED, "", null));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(state(run.runId())).isEqualTo("TERMINATED");
  }

  @Test
  void readsVariablesAndTheEnvironmentOfThisProcess() {
    database.with(handle ->
        handle.execute(
            """
            INSERT INTO variable (name, value, type, "workspaceId")
            VALUES ('stored', 'v', 'static', ?), ('FROM_ENV', 'ignored', 'runtime', ?),
              ('NOT_SET', NULL, 'runtime', ?), ('other', 'x', 'static', 'another')
            """,
            workspace,
            workspace,
            workspace));

    assertThat(store.variables(workspace))
        .isEqualTo(Map.of("stored", "v", "FROM_ENV", "env value", "NOT_SET", ""));
  }

  private String message(String role) {
    return "SELECT * FROM chat_message WHERE \"sessionId\" = '%s' AND role = '%s'"
        .formatted(session, role);
  }

  private void awaitState(UUID runId, String state) {
    Awaitility.await().until(() -> count("execution WHERE id = '" + runId + "'") == 1);
    assertThat(state(runId)).isEqualTo(state);
  }

  private String state(UUID runId) {
    return database.with(handle ->
        handle
            .createQuery("SELECT state FROM execution WHERE id = :id")
            .bind("id", runId)
            .mapTo(String.class)
            .one());
  }

  private Map<String, Object> row(String sql) {
    return database.with(handle -> handle.createQuery(sql).mapToMap().one());
  }

  private long count(String from) {
    return database.with(
        handle -> handle.createQuery("SELECT count(*) FROM " + from).mapTo(Long.class).one());
  }
}
