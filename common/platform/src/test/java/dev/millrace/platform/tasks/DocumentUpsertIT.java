package dev.millrace.platform.tasks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.locks.LocalLocks;
import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.EngineSettings;
import dev.millrace.flows.engine.EventSink;
import dev.millrace.flows.engine.FlowEngine;
import dev.millrace.flows.engine.RunJournal;
import dev.millrace.flows.engine.RunPorts;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.mcp.McpServers;
import dev.millrace.flows.mcp.McpSettings;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.LangChainChatModels;
import dev.millrace.flows.models.LangChainEmbeddings;
import dev.millrace.flows.models.ModelLimits;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.nodes.NodeParts;
import dev.millrace.flows.nodes.StandardNodes;
import dev.millrace.flows.retrieval.VectorWriters;
import dev.millrace.flows.script.GraalSandbox;
import dev.millrace.flows.script.ScriptLimits;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.documents.DocumentUpsertTask;
import dev.millrace.platform.runs.RunStore;
import dev.millrace.platform.storage.LocalStorage;
import dev.millrace.platform.vectors.PgVectors;
import dev.millrace.platform.vectors.StandInVectors;
import dev.millrace.testing.FakeModelServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Upserts of documents with a real PostgreSQL and an embedding server, and what is found then. */
class DocumentUpsertIT {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Database DATABASE = TestDatabase.migrated();
  private static final String TYPE = "documents:upsert";

  @TempDir private static Path storage;

  private final FakeModelServer server = FakeModelServer.start();
  private final TaskWires wires = new TaskWires(TaskWires.Kind.IN_PROCESS);
  private final GuardedHttp http =
      new GuardedHttp(AddressPolicy.of(false, List.of(), List.of()), FetchLimits.DEFAULT);
  private final LangChainEmbeddings embeddings = new LangChainEmbeddings(http, ModelLimits.DEFAULT);
  private final PgVectors tables = new PgVectors(DATABASE, http, JSON);
  private final DocumentUpsertTask type =
      new DocumentUpsertTask(
          DATABASE,
          new VectorWriters(embeddings, http, tables),
          id -> Json.object(),
          new LocalStorage(storage, id -> Optional.of("org-1")),
          new LocalLocks());
  private final TaskNode node = new TaskNode(DATABASE, wires, type);

  @BeforeAll
  static void standIn() {
    DATABASE.with(handle -> handle.createScript(StandInVectors.SQL).execute());
  }

  @AfterAll
  static void closeDatabase() {
    DATABASE.close();
  }

  @AfterEach
  void close() {
    node.close();
    wires.close();
    http.close();
    server.close();
  }

  @Test
  void aRetrieverFindsWhatWasUpserted() {
    node.serving(1).connect();
    var params = fresh("memoryVectorStore", "{\"topK\":1}", "zebras zigzag\n\nnoodles are cooked");
    params.set("splitter", splitter(20));
    params.set("metadata", Json.object().put("by", "me"));

    var result = succeeded(params);

    assertThat(result.path("numAdded").asInt()).isEqualTo(2);
    assertThat(result.path("numDeleted").asInt()).isZero();
    assertThat(result.at("/addedDocs/0/pageContent").asString()).isEqualTo("zebras zigzag");
    assertThat(result.at("/addedDocs/0/metadata/by").asString()).isEqualTo("me");
    assertThat(retrieved(result)).isEqualTo("noodles are cooked");
    var store = store(result);
    assertThat(store).containsEntry("status", "UPSERTED").containsEntry("name", "Animals");
    var entry = Json.read(String.valueOf(store.get("loaders"))).path(0);
    assertThat(entry.path("id")).isEqualTo(result.path("docId"));
    assertThat(entry.path("loaderId").asString()).isEqualTo("plainText");
    assertThat(entry.path("totalChunks").asInt()).isEqualTo(2);
    assertThat(chunks(result)).containsExactly("1 zebras zigzag", "2 noodles are cooked");
  }

  /** What a node had done that died is done again, and nothing is there twice. */
  @Test
  void anotherAttemptLeavesNoDoubles() throws Exception {
    node.connect();
    var params = fresh("postgres", "{\"tableName\":\"again\"}", "one\n\ntwo");
    params.set("splitter", splitter(4));
    var task = node.ask(TYPE, params);
    var claim = new TaskClaims(DATABASE, UUID.randomUUID(), JSON).claim(task.id()).orElseThrow();
    var first = type.run(params, new RunningTask(claim, (of, current, total) -> {}));
    var sweep = node.sweep(Duration.ofMillis(1), Duration.ofDays(1));
    await()
        .untilAsserted(() -> {
          sweep.run();
          assertThat(node.state(task)).isEqualTo(TaskState.PENDING);
        });

    node.serving(1);

    var second = ended(task, TaskState.SUCCEEDED);
    assertThat(second.path("storeId")).isEqualTo(first.path("storeId"));
    assertThat(second.path("docId")).isEqualTo(first.path("docId"));
    assertThat(chunks(second)).containsExactly("1 one", "2 two");
    assertThat(rows("again")).isEqualTo(2);
    assertThat(retrieved(second)).contains("one", "two");
  }

  /** Nodes that are killed cannot say that they did not come to an end. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStoreWhoseNodesDiedIsStale(boolean cancelled) throws Exception {
    node.connect();
    var params = fresh("postgres", "{\"tableName\":\"died\"}", "one\n\ntwo");
    var task = node.ask(TYPE, params);
    var sweep = node.sweep(Duration.ofMillis(1), Duration.ofDays(1));
    for (var attempt = 1; attempt <= type.attempts(); attempt++) {
      var claim = new TaskClaims(DATABASE, UUID.randomUUID(), JSON).claim(task.id()).orElseThrow();
      var _ = type.run(params, new RunningTask(claim, (of, current, total) -> {}));
      DATABASE.with(handle -> handle.execute("UPDATE document_store SET status = 'UPSERTING'"));
      if (cancelled) {
        assertThat(node.tasks.cancel(task.id())).isTrue();
        break;
      }
      await()
          .untilAsserted(() -> {
            sweep.run();
            assertThat(node.state(task)).isNotEqualTo(TaskState.RUNNING);
          });
    }

    assertThat(node.state(task)).isEqualTo(cancelled ? TaskState.CANCELED : TaskState.FAILED);
    assertThat(status(storeOf(task))).isEqualTo("STALE");
  }

  @Test
  void aDocumentTakesThePlaceOfWhatItWas() {
    node.serving(1).connect();
    var params = fresh("postgres", "{\"tableName\":\"replaced\"}", "one\n\ntwo\n\nsix");
    params.set("splitter", splitter(4));
    var first = succeeded(params);
    assertThat(rows("replaced")).isEqualTo(3);

    var again = Json.object().put("replaceExisting", true);
    again.set("storeId", first.path("storeId"));
    again.set("docId", first.path("docId"));
    again.putObject("loader").putObject("config").put("text", "ten\n\nsix");
    var second = succeeded(again);

    assertThat(second.path("docId")).isEqualTo(first.path("docId"));
    assertThat(second.path("numDeleted").asInt()).isEqualTo(3);
    assertThat(chunks(second)).containsExactly("1 ten", "2 six");
    assertThat(rows("replaced")).isEqualTo(2);
    assertThat(Json.read(String.valueOf(store(second).get("loaders")))).hasSize(1);

    // Without replaceExisting it is another document with the same settings.
    again.remove("replaceExisting");
    var third = succeeded(again);
    assertThat(third.path("docId")).isNotEqualTo(first.path("docId"));
    assertThat(rows("replaced")).isEqualTo(4);
    assertThat(Json.read(String.valueOf(store(third).get("loaders")))).hasSize(2);
  }

  @Test
  void stopsWithinASecondOfACancel() {
    node.serving(1).connect();
    var rows =
        IntStream.range(0, 200)
            .mapToObj(row -> row == 96 ? "hang" : "row " + row)
            .collect(Collectors.joining("\n"));
    var params = fresh("postgres", "{\"tableName\":\"cancelled\"}", "");
    var loader = params.putObject("loader").put("name", "csvFile");
    loader
        .putObject("config")
        .put("columnName", "name")
        .put("csvFile", uri("name\n" + rows, "rows.csv"));
    var task = node.ask(TYPE, params);
    await().until(() -> server.requests().size() == 2);
    await()
        .untilAsserted(() -> {
          var now = node.tasks.find(task.id()).orElseThrow();
          assertThat(now.current()).isEqualTo(96);
          assertThat(now.total()).isEqualTo(200);
        });

    assertThat(node.tasks.cancel(task.id())).isTrue();

    await().atMost(Duration.ofSeconds(1)).until(() -> node.active() == 0);
    assertThat(node.state(task)).isEqualTo(TaskState.CANCELED);
    await().until(() -> server.abandoned() == 1);
    assertThat(rows("cancelled")).as("the first batch").isEqualTo(96);
    assertThat(status(storeOf(task))).isEqualTo("STALE");
  }

  @Test
  void saysWhatTheEmbeddingModelSaid() {
    node.serving(1).connect();
    var task = node.ask(TYPE, fresh("postgres", "{\"tableName\":\"failed\"}", "fail=401"));

    assertThat(ended(task, TaskState.FAILED).path("message").asString()).contains("401");
    assertThat(status(storeOf(task))).isEqualTo("STALE");
  }

  @Test
  void aStoreOfAnotherWorkspaceIsNotThere() {
    node.serving(1).connect();
    var result = succeeded(fresh("memoryVectorStore", "{}", "text"));
    DATABASE.with(handle ->
        handle.execute(
            "UPDATE document_store SET \"workspaceId\" = 'other' WHERE id = cast(? AS uuid)",
            result.path("storeId").asString()));
    var params = Json.object();
    params.set("storeId", result.path("storeId"));
    params.set("loader", plain("more"));

    assertThat(ended(node.ask(TYPE, params), TaskState.FAILED).path("message").asString())
        .contains("storeId", "in this workspace");
  }

  @Test
  void filesThatFlowiseStoredAreRead() throws IOException {
    node.serving(1).connect();
    var store = succeeded(fresh("memoryVectorStore", "{}", "text")).path("storeId");
    var params = Json.object();
    params.set("storeId", store);
    var loader = params.putObject("loader").put("name", "textFile");
    loader.putObject("config").put("txtFile", "FILE-STORAGE::[\"notes.txt\"]");

    assertThat(ended(node.ask(TYPE, params), TaskState.FAILED).path("message").asString())
        .contains("txtFile names the file notes.txt", "BLOB_STORAGE_PATH");

    var folder = storage.resolve("org-1").resolve("docustore").resolve(store.asString());
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("notes.txt"), "what was noted");
    var result = succeeded(params);

    assertThat(result.at("/addedDocs/0/pageContent").asString()).isEqualTo("what was noted");
    assertThat(result.at("/addedDocs/0/metadata/source").asString()).isEqualTo("notes.txt");
  }

  @Test
  void aDocumentWithoutTextIsRefused() {
    node.serving(1).connect();
    var params = fresh("memoryVectorStore", "{}", "");
    var loader = params.putObject("loader").put("name", "textFile");
    loader.putObject("config").put("txtFile", uri(" \n", "empty.txt"));

    assertThat(ended(node.ask(TYPE, params), TaskState.FAILED).path("message").asString())
        .contains("There is no text");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/storeId|\"x\"|storeId is no id",
        "/storeId|\"5f0c4f5e-6a7c-3d0a-9d55-0f6f6a1a2b3c\"|either storeId or docStore",
        "/docId|\"5f0c4f5e-6a7c-3d0a-9d55-0f6f6a1a2b3c\"|docId needs a storeId",
        "/docStore|{}|docStore has to be an object {name, description?}",
        "/replaceExisting|true|replaceExisting needs a docId",
        "/recordManager|{}|recordManager is not known here",
        "/metadata|\"[]\"|metadata has to be an object",
        "/loader|null|loader {name, config} is missing",
        "/loader/name|\"docxFile\"|loader: \"docxFile\" is not supported; supported are csvFile",
        "/loader/config/text|\"\"|loader.config.text is missing",
        "/splitter|{\"name\":\"tokenTextSplitter\"}|splitter: \"tokenTextSplitter\" is not supported",
        "/embedding|null|a new store needs both embedding",
        "/embedding/name|\"cohereEmbeddings\"|embedding: \"cohereEmbeddings\" is not supported",
        "/vectorStore/name|\"pinecone\"|vectorStore: \"pinecone\" is not supported; supported are faiss",
        "/vectorStore/config|[]|vectorStore.config has to be an object",
      })
  void refusesWhatCannotWork(String at, String value, String message) {
    node.connect();
    var params = fresh("memoryVectorStore", "{}", "text");
    var slash = at.lastIndexOf('/');
    ((ObjectNode) params.at(at.substring(0, slash)))
        .set(at.substring(slash + 1), JSON.readTree(value));

    assertThatThrownBy(() -> node.ask(TYPE, params))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private ObjectNode fresh(String vectorStore, String config, String text) {
    var params = Json.object();
    params.putObject("docStore").put("name", "Animals");
    params.set("loader", plain(text));
    params
        .putObject("embedding")
        .put("name", "openAIEmbeddings")
        .set("config", Json.object().put("basepath", server.baseUrl()).put("modelName", "m"));
    params.putObject("vectorStore").put("name", vectorStore).set("config", JSON.readTree(config));
    return params;
  }

  private static ObjectNode plain(String text) {
    var loader = Json.object().put("name", "plainText");
    loader.putObject("config").put("text", text);
    return loader;
  }

  private static ObjectNode splitter(int size) {
    var splitter = Json.object().put("name", "recursiveCharacterTextSplitter");
    splitter.putObject("config").put("chunkSize", size).put("chunkOverlap", 0);
    return splitter;
  }

  private static String uri(String content, String name) {
    var encoded = Base64.getEncoder().encodeToString(content.getBytes(UTF_8));
    return "data:text/plain;base64," + encoded + ",filename:" + name;
  }

  private JsonNode succeeded(ObjectNode params) {
    return ended(node.ask(TYPE, params), TaskState.SUCCEEDED);
  }

  private JsonNode ended(Task task, TaskState state) {
    await().atMost(Duration.ofSeconds(20)).until(() -> node.state(task).isEnd());
    var done = node.tasks.find(task.id()).orElseThrow();
    assertThat(done.state()).as("%s", done.result()).isEqualTo(state);
    return Objects.requireNonNull(done.result());
  }

  private static Map<String, Object> store(JsonNode result) {
    return DATABASE.with(handle ->
        handle
            .createQuery("SELECT * FROM document_store WHERE id = cast(:id AS uuid)")
            .bind("id", result.path("storeId").asString())
            .mapToMap()
            .one());
  }

  /** The id that a new store of a task has. */
  private static UUID storeOf(Task task) {
    return UUID.nameUUIDFromBytes((task.id() + "/store").getBytes(UTF_8));
  }

  private static String status(UUID store) {
    return DATABASE.with(handle ->
        handle
            .createQuery("SELECT status FROM document_store WHERE id = :id")
            .bind("id", store)
            .mapTo(String.class)
            .one());
  }

  private static List<String> chunks(JsonNode result) {
    return DATABASE.with(handle ->
        handle
            .createQuery(
                """
                SELECT "chunkNo" || ' ' || "pageContent" FROM document_store_file_chunk
                WHERE "docId" = cast(:doc AS uuid) ORDER BY "chunkNo"
                """)
            .bind("doc", result.path("docId").asString())
            .mapTo(String.class)
            .list());
  }

  private static int rows(String table) {
    return DATABASE.with(
        handle -> handle.createQuery("SELECT count(*) FROM " + table).mapTo(Integer.class).one());
  }

  /** Asks a flow whose only node is a retriever over the store for noodles. */
  private String retrieved(JsonNode result) {
    var reference = result.path("storeId").asString() + ":Animals";
    var flow =
        """
        {"nodes": [
          {"id": "startAgentflow_0", "data": {"id": "startAgentflow_0", "name": "startAgentflow",
            "label": "Start", "inputs": {"startInputType": "chatInput"}}},
          {"id": "retrieverAgentflow_0", "data": {"id": "retrieverAgentflow_0",
            "name": "retrieverAgentflow", "label": "R", "inputs": {
              "retrieverKnowledgeDocumentStores": [{"documentStore": "%s"}]}}}],
         "edges": [{"source": "startAgentflow_0", "target": "retrieverAgentflow_0"}]}
        """
            .formatted(reference);
    var clock = Clock.systemUTC();
    try (var scripts = new GraalSandbox(ScriptLimits.DEFAULT);
        var runs = new RunStore(DATABASE, clock, name -> null)) {
      var parts =
          new NodeParts(
              new LangChainChatModels(http, ModelLimits.DEFAULT),
              embeddings,
              scripts,
              http,
              new McpServers(http, McpSettings.HTTP_ONLY),
              tables,
              clock);
      var engine = new FlowEngine(StandardNodes.catalog(parts), EngineSettings.DEFAULT, clock);
      var chat = UUID.randomUUID().toString();
      var request =
          new RunRequest(
              UUID.randomUUID(),
              UUID.randomUUID(),
              FlowParser.parse(flow).flow(),
              UUID.randomUUID().toString(),
              "workspace",
              chat,
              chat,
              true,
              Json.object().put("question", "noodles"),
              Json.object(),
              false,
              "EXTERNAL",
              clock.instant());
      var ports = new RunPorts(runs, id -> Json.object(), RunJournal.NONE, EventSink.NONE);
      var answer = engine.run(request, ports, new Cancellation());
      assertThat(answer.error()).isNull();
      return answer.text();
    }
  }
}
