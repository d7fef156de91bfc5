package dev.millrace.platform.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.model.Json;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.flows.LibraryStore.Outcome;
import dev.millrace.platform.tasks.FlowImportTask;
import dev.millrace.platform.tasks.TaskContext;
import java.time.Clock;
import java.util.ArrayList;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.node.ObjectNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LibraryStoreIT {
  private final Database database = TestDatabase.migrated();
  private final String workspace = new Workspaces(database).defaultWorkspace().workspaceId();
  private final LibraryStore store = new LibraryStore(database);

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void toolsKeepTheirIdsAndStayUnlessTheyAreToBeReplaced() {
    var id = UUID.randomUUID();
    assertThat(store.tool(UUID.randomUUID(), tool(id, "a"), workspace, false))
        .isEqualTo(Outcome.CREATED);
    assertThat(store.tool(UUID.randomUUID(), tool(id, "b"), workspace, false))
        .isEqualTo(Outcome.KEPT);
    assertThat(code(id)).isEqualTo("a");
    assertThat(store.tool(UUID.randomUUID(), tool(id, "c"), workspace, true))
        .isEqualTo(Outcome.REPLACED);
    assertThat(code(id)).isEqualTo("c");
    assertThatThrownBy(
            () -> store.tool(UUID.randomUUID(), tool(id, "d"), UUID.randomUUID().toString(), true))
        .isInstanceOf(InvalidEntityException.class)
        .hasMessageContaining("another workspace");
    assertThatThrownBy(() -> store.tool(id, Json.object().put("name", "n"), workspace, true))
        .isInstanceOf(InvalidEntityException.class)
        .hasMessageContaining("needs a func");
    assertThat(code(id)).isEqualTo("c");
  }

  @Test
  void variablesAreKnownByTheirNamesAndKeepValuesThatExportsLeaveOut() {
    var name = "v" + UUID.randomUUID();
    assertThat(store.variable(UUID.randomUUID(), variable(name, "one"), workspace, false))
        .isEqualTo(Outcome.CREATED);
    assertThat(store.variable(UUID.randomUUID(), variable(name, "two"), workspace, false))
        .isEqualTo(Outcome.KEPT);
    assertThat(value(name)).isEqualTo("one");
    assertThat(store.variable(UUID.randomUUID(), variable(name, ""), workspace, true))
        .isEqualTo(Outcome.REPLACED);
    assertThat(value(name)).isEqualTo("one");
    store.variable(UUID.randomUUID(), variable(name, "three"), workspace, true);
    assertThat(value(name)).isEqualTo("three");
  }

  @Test
  void aTaskImportsTheSectionsOfAnExport() {
    var id = UUID.randomUUID();
    var name = "v" + UUID.randomUUID();
    var file = Json.object();
    file.putArray("Tool").add(tool(id, "a")).addObject().put("name", "broken");
    file.putArray("Variable").add(variable(name, "x"));
    file.putArray("AgentFlowV2")
        .addObject()
        .put("name", "F")
        .put("type", "AGENTFLOW")
        .put("flowData", "{\"nodes\":[],\"edges\":[]}");
    var saved = new ArrayList<ChatFlow>();
    var task =
        new FlowImportTask(new ChatFlowStore(database, Clock.systemUTC()), store, saved::add);
    ObjectNode params = Json.object().set("file", file);
    task.check(params);
    var result = task.run(params, new Context(UUID.randomUUID(), workspace));
    assertThat(result.path("tools").toString())
        .isEqualTo("[{\"name\":\"echo\",\"outcome\":\"CREATED\"}]");
    assertThat(result.path("variables").get(0).path("outcome").asString()).isEqualTo("CREATED");
    assertThat(result.path("refused").get(0).path("reason").asString()).contains("func");
    assertThat(saved).hasSize(1);
    assertThat(code(id)).isEqualTo("a");
    assertThat(value(name)).isEqualTo("x");

    ObjectNode alone = Json.object().set("file", tool(id, "b"));
    alone.put("overwrite", true);
    task.check(alone);
    task.run(alone, new Context(UUID.randomUUID(), workspace));
    assertThat(code(id)).isEqualTo("b");
  }

  private String code(UUID id) {
    return database.with(handle ->
        handle
            .createQuery("SELECT func FROM tool WHERE id = :id")
            .bind("id", id)
            .mapTo(String.class)
            .one());
  }

  private String value(String name) {
    return database.with(handle ->
        handle
            .createQuery("SELECT value FROM variable WHERE name = :name")
            .bind("name", name)
            .mapTo(String.class)
            .one());
  }

  private static ObjectNode tool(UUID id, String code) {
    return Json.object()
        .put("id", id.toString())
        .put("name", "echo")
        .put("description", "Says it")
        .put("schema", "[]")
        .put("func", code);
  }

  private static ObjectNode variable(String name, String value) {
    return Json.object()
        .put("id", UUID.randomUUID().toString())
        .put("name", name)
        .put("type", "static")
        .put("value", value);
  }

  private record Context(UUID id, String workspace) implements TaskContext {
    @Override
    public String requestId() {
      return "r";
    }

    @Override
    public void progress(double current, double total) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void throwIfCancelled() {}

    @Override
    public void onCancel(Runnable action) {}

    @Override
    public void file(String name, String type, byte[] content) {}
  }
}
