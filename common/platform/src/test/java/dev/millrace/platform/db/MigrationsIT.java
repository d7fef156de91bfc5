package dev.millrace.platform.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MigrationsIT {
  @Test
  void createsEverythingOnceAndThenCostsNextToNothing() {
    try (var database = TestDatabase.empty()) {
      assertThat(Migrations.run(database)).isEqualTo(Migrations.TableOwner.MILLRACE);
      var workspace = new Workspaces(database).defaultWorkspace();
      var statements = database.statements();
      var began = System.nanoTime();

      assertThat(Migrations.run(database)).isEqualTo(Migrations.TableOwner.MILLRACE);

      var took = Duration.ofNanos(System.nanoTime() - began);
      System.out.println("Migrations.run on a current database took " + took.toMillis() + " ms");
      assertThat(took).isLessThan(Duration.ofMillis(300));
      assertThat(database.statements() - statements).isLessThanOrEqualTo(3);
      assertThat(new Workspaces(database).defaultWorkspace()).isEqualTo(workspace);
      assertThat(new Workspaces(database).find(workspace.workspaceId())).contains(workspace);
      assertThat(indexes(database))
          .contains("millrace_execution_session", "millrace_chat_message_session");
    }
  }

  @Test
  void letsProcessesThatStartTogetherTakeTurns() throws Exception {
    var db = TestPostgres.createDatabase();
    try (var first = TestDatabase.open(db);
        var second = TestDatabase.open(db);
        var third = TestDatabase.open(db);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Migrations.TableOwner>> tasks =
          List.of(
              () -> Migrations.run(first),
              () -> Migrations.run(second),
              () -> Migrations.run(third));

      for (var result : threads.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
        assertThat(result.get()).isEqualTo(Migrations.TableOwner.MILLRACE);
      }

      assertThat(count(first, "workspace")).isEqualTo(1);
      var twice =
          "SELECT version FROM millrace.schema_history GROUP BY version HAVING count(*) > 1";
      assertThat(count(first, "(" + twice + ") AS twice WHERE version IS NOT NULL")).isZero();
    }
  }

  @Test
  void leavesTheTablesOfFlowiseAlone() {
    try (var database = TestDatabase.empty()) {
      createFlowise(database);
      var before = structure(database);

      assertThat(Migrations.run(database)).isEqualTo(Migrations.TableOwner.FLOWISE);
      assertThat(Migrations.run(database)).isEqualTo(Migrations.TableOwner.FLOWISE);

      assertThat(structure(database)).isEqualTo(before);
      assertThat(count(database, "millrace.run_journal")).isZero();
      assertThat(indexes(database)).contains("millrace_execution_session");
      assertThatThrownBy(() -> new Workspaces(database).defaultWorkspace())
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining("open Flowise once");
    }
  }

  @Test
  void namesWhatAnOldFlowiseLacks() {
    try (var database = TestDatabase.empty()) {
      createFlowise(database);
      database.with(handle -> handle.execute("ALTER TABLE chat_flow DROP \"mcpServerConfig\""));
      database.with(handle -> handle.execute("DROP TABLE lead"));

      assertThatThrownBy(() -> Migrations.run(database))
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining("chat_flow.mcpServerConfig, lead.chatflowid, lead.id")
          .hasMessageContaining("Flowise 3.1");
    }
  }

  @Test
  void knowsItsNewestScripts() throws IOException {
    assertThat(script("own/V" + Migrations.NEWEST_OWN + "__cluster.sql")).isNotBlank();
    assertThat(script("shared/V" + Migrations.NEWEST_SHARED + "__flowise_tables.sql")).isNotBlank();
    try (var database = TestDatabase.migrated()) {
      var newest =
          database.with(handle ->
              handle
                  .createQuery("SELECT max(version::int) FROM millrace.schema_history")
                  .mapTo(Integer.class)
                  .one());
      assertThat(newest).isEqualTo(Math.max(Migrations.NEWEST_OWN, Migrations.NEWEST_SHARED));
    }
  }

  @Test
  void keepsTheFirstValueThatProcessesAgreedOn() {
    try (var database = TestDatabase.migrated()) {
      var settings = new StoredSettings(database);

      assertThat(settings.find("key")).isEmpty();
      assertThat(settings.putIfAbsent("key", "first")).isEqualTo("first");
      assertThat(settings.putIfAbsent("key", "second")).isEqualTo("first");
      settings.put("key", "third");
      assertThat(settings.find("key")).contains("third");
    }
  }

  @Test
  void saysSoWhenPostgresIsAway() {
    try (var database = TestDatabase.unreachable()) {
      assertThatThrownBy(() -> Migrations.run(database))
          .isInstanceOf(DatabaseUnavailableException.class);
    }
  }

  /** Flowise's tables, but for one whose workspace is a uuid, and the list of its migrations. */
  private static void createFlowise(Database database) {
    var tables =
        script("shared/V2__flowise_tables.sql")
            .replaceFirst("(?s)(CREATE TABLE public.execution.*?workspaceId\"   )text", "$1uuid");
    database.with(handle -> handle.createScript(tables).execute());
    database.with(handle ->
        handle.execute(
            """
            CREATE TABLE migrations (
              id serial PRIMARY KEY, timestamp bigint NOT NULL, name varchar NOT NULL)
            """));
  }

  private static String script(String name) {
    try (var in = Migrations.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<String> structure(Database database) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                SELECT table_name || '.' || column_name || ' ' || data_type || ' '
                    || is_nullable || ' ' || coalesce(column_default, '')
                FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1
                """)
            .mapTo(String.class)
            .list());
  }

  private static List<String> indexes(Database database) {
    return database.with(handle ->
        handle
            .createQuery("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
            .mapTo(String.class)
            .list());
  }

  private static long count(Database database, String from) {
    return database.with(
        handle -> handle.createQuery("SELECT count(*) FROM " + from).mapTo(Long.class).one());
  }
}
