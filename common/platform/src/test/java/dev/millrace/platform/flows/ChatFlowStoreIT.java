package dev.millrace.platform.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.db.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChatFlowStoreIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String FLOW_DATA = "{\\\"nodes\\\":[],\\\"edges\\\":[]}";

  private final Database database = TestDatabase.migrated();
  private final String workspace = new Workspaces(database).defaultWorkspace().workspaceId();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-22T08:22:09.856Z"));
  private final InstantSource clock = () -> now.updateAndGet(time -> time.plusMillis(1));
  private final ChatFlowStore store = new ChatFlowStore(database, clock);

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void returnsWhatItWasGivenAndIgnoresWhatClientsMayNotSet() {
    var body =
        object(
            """
            {"name":"n","flowData":"%s","type":"AGENTFLOW","deployed":true,"isPublic":false,
             "chatbotConfig":{"a":1},"category":"c","id":"11111111-1111-1111-1111-111111111111",
             "workspaceId":"elsewhere","webhookSecret":"s","webhookSecretConfigured":true,
             "createdDate":"1999-01-01T00:00:00Z","unknown":1}
            """
                .formatted(FLOW_DATA));

    var created = store.create(body, workspace);

    assertThat(store.find(created.id())).contains(created);
    assertThat(created.id()).isNotEqualTo("11111111-1111-1111-1111-111111111111");
    assertThat(created.workspaceId()).isEqualTo(workspace);
    assertThat(created.webhookSecretConfigured()).isFalse();
    assertThat(created.chatbotConfig()).isEqualTo("{\"a\":1}");
    assertThat(created.createdDate()).isAfter(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(created.apikeyid()).isNull();
  }

  @Test
  void rendersAFlowAsFlowiseDoes() throws IOException {
    var captured = shared("wire/agentflow-directreply.json");
    Assumptions.assumeTrue(Files.exists(captured), "the capture " + captured + " is not here");
    var expected = (ObjectNode) JSON.readTree(Files.readString(captured));

    var created =
        store.create(UUID.fromString(expected.get("id").asString()), expected, workspace).toJson();

    assertThat(created.propertyNames()).containsExactlyElementsOf(expected.propertyNames());
    expected.set("workspaceId", created.get("workspaceId"));
    expected.set("createdDate", created.get("createdDate"));
    expected.set("updatedDate", created.get("updatedDate"));
    assertThat(created.toString()).isEqualTo(expected.toString());
    assertThat(created.get("createdDate").asString()).matches("2026-11-22T08:22:\\d\\d\\.\\d{3}Z");
  }

  @Test
  void changesOnlyWhatTheBodyHas() {
    var created = store.create(flow("before", "CHATFLOW"), workspace);

    var updated =
        store
            .update(created.id(), object("{\"name\":\"after\",\"apiConfig\":\"{}\",\"id\":\"x\"}"))
            .orElseThrow();

    assertThat(store.find(created.id())).contains(updated);
    assertThat(updated.name()).isEqualTo("after");
    assertThat(updated.apiConfig()).isEqualTo("{}");
    assertThat(updated.flowData()).isEqualTo(created.flowData());
    assertThat(updated.createdDate()).isEqualTo(created.createdDate());
    assertThat(updated.updatedDate()).isAfter(created.updatedDate());
    assertThat(store.update(UUID.randomUUID().toString(), object("{}"))).isEmpty();
    assertThat(store.update("no-uuid", object("{}"))).isEmpty();
  }

  @Test
  void refusesWhatIsNoFlow() {
    assertThatThrownBy(() -> store.create(object("{\"name\":\"n\"}"), workspace))
        .isInstanceOf(InvalidEntityException.class)
        .hasMessageContaining("type is missing");
    assertThatThrownBy(() -> store.create(flow("n", "WORKFLOW"), workspace))
        .isInstanceOf(InvalidEntityException.class)
        .hasMessageContaining("WORKFLOW");
    assertThatThrownBy(() ->
            store.create(
                object("{\"name\":\"n\",\"type\":\"CHATFLOW\",\"flowData\":\"{nodes\"}"),
                workspace))
        .isInstanceOf(InvalidEntityException.class)
        .hasMessageContaining("flowData is no JSON");
    assertThatThrownBy(() ->
            store.create(
                object("{\"name\":\"n\",\"type\":\"CHATFLOW\",\"isPublic\":\"yes\"}"), workspace))
        .isInstanceOf(InvalidEntityException.class)
        .hasMessageContaining("isPublic");
    var existing = store.create(flow("n", "CHATFLOW"), workspace);
    assertThatThrownBy(() ->
            store.create(UUID.fromString(existing.id()), flow("again", "CHATFLOW"), workspace))
        .isInstanceOf(InvalidEntityException.class)
        .hasMessageContaining(existing.id());
  }

  @Test
  void listsByTypeAndPageTheLastChangedFirst() {
    var own = UUID.randomUUID().toString();
    for (var i = 0; i < 5; i++) {
      store.create(flow("chat " + i, "CHATFLOW"), own);
      store.create(flow("agent " + i, "AGENTFLOW"), own);
    }

    var all = store.list(new ChatFlowStore.Filter(own, null, 0, 0));
    assertThat(all.total()).isEqualTo(10);
    assertThat(all.data()).hasSize(10);
    var page = store.list(new ChatFlowStore.Filter(own, "CHATFLOW", 2, 2));
    assertThat(page.total()).isEqualTo(5);
    assertThat(page.data()).extracting(ChatFlow::name).containsExactly("chat 2", "chat 1");
    assertThatThrownBy(() -> new ChatFlowStore.Filter(own, null, 1, 0))
        .isInstanceOf(InvalidEntityException.class);
  }

  @Test
  void deletesWhatBelongsToAFlow() {
    var flow = store.create(flow("doomed", "AGENTFLOW"), workspace);
    var other = UUID.randomUUID().toString();
    for (var id : new String[] {flow.id(), other}) {
      database.with(handle ->
          handle
              .createScript(
                  """
                  INSERT INTO chat_message (role, chatflowid, content, "chatId")
                  VALUES ('userMessage', '%1$s', 'x', 'c');
                  INSERT INTO chat_message_feedback (chatflowid, "chatId", "messageId")
                  VALUES ('%1$s', 'c', gen_random_uuid());
                  INSERT INTO execution
                      ("executionData", state, "agentflowId", "sessionId", "workspaceId")
                  VALUES ('[]', 'FINISHED', '%1$s', 's', 'w');
                  INSERT INTO upsert_history (chatflowid, result, "flowData")
                  VALUES ('%1$s', '{}', '{}');
                  INSERT INTO lead (chatflowid, "chatId") VALUES ('%1$s', 'c');
                  """
                      .formatted(id))
              .execute());
    }

    assertThat(store.delete(flow.id())).isEqualTo(1);
    assertThat(store.delete(flow.id())).isZero();

    assertThat(store.find(flow.id())).isEmpty();
    assertThat(rowsOf(flow.id())).isZero();
    assertThat(rowsOf(other)).isEqualTo(5);
  }

  @Test
  void remembersAFlowUntilItIsChangedOrInvalidated() {
    var flow = store.create(flow("first", "AGENTFLOW"), workspace);
    assertThat(store.cached(flow.id())).contains(flow);
    var before = database.statements();
    assertThat(store.cached(flow.id())).contains(flow);
    assertThat(database.statements()).isEqualTo(before);

    store.update(flow.id(), object("{\"name\":\"second\"}"));
    assertThat(store.cached(flow.id()).orElseThrow().name()).isEqualTo("second");

    new ChatFlowStore(database, clock).update(flow.id(), object("{\"name\":\"elsewhere\"}"));
    assertThat(store.cached(flow.id()).orElseThrow().name()).isEqualTo("second");
    store.invalidate(flow.id());
    assertThat(store.cached(flow.id()).orElseThrow().name()).isEqualTo("elsewhere");
    assertThat(store.cached(UUID.randomUUID().toString())).isEmpty();
    assertThat(store.cached("'; DROP TABLE chat_flow; --")).isEmpty();
  }

  private long rowsOf(String flowId) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                SELECT (SELECT count(*) FROM chat_message WHERE chatflowid = :id)
                  + (SELECT count(*) FROM chat_message_feedback WHERE chatflowid = :id)
                  + (SELECT count(*) FROM execution WHERE "agentflowId" = :id)
                  + (SELECT count(*) FROM upsert_history WHERE chatflowid = :id)
                  + (SELECT count(*) FROM lead WHERE chatflowid = :id)
                """)
            .bind("id", flowId)
            .mapTo(Long.class)
            .one());
  }

  private static ObjectNode flow(String name, String type) {
    return object(
        "{\"name\":\"%s\",\"type\":\"%s\",\"flowData\":\"%s\"}".formatted(name, type, FLOW_DATA));
  }

  private static ObjectNode object(String json) {
    return (ObjectNode) JSON.readTree(json);
  }

  /** Finds the folder of captures above or beside the repository. */
  private static Path shared(String name) {
    for (var dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      var candidate = dir.resolve("shared").resolve(name);
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    return Path.of("shared", name);
  }
}
