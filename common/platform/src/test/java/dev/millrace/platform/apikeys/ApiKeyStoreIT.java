package dev.millrace.platform.apikeys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.db.Workspaces;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiKeyStoreIT {
  private final Database database = TestDatabase.migrated();
  private final String workspace = new Workspaces(database).defaultWorkspace().workspaceId();
  private final ApiKeyStore store = new ApiKeyStore(database, InstantSource.system());

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void storesOnlyHashesAndAcceptsTheKey() {
    var created = store.create("ci", List.of("chatflows:view"), workspace);

    var verified = store.verify(created.plaintext()).orElseThrow();
    assertThat(verified.id()).isEqualTo(created.key().id());
    assertThat(verified.name()).isEqualTo("ci");
    assertThat(verified.workspaceId()).isEqualTo(workspace);
    assertThat(verified.permissions()).containsExactly("chatflows:view");
    assertThat(verified.hashed()).isTrue();
    assertThat(created.toString()).doesNotContain(created.plaintext());
    assertThat(table()).noneMatch(text -> text.contains(created.plaintext()));
  }

  @Test
  void acceptsTheKeysOfFlowise() {
    database.with(handle ->
        handle.execute(
            """
            INSERT INTO apikey ("apiKey", "apiSecret", "keyName", permissions, "workspaceId")
            VALUES ('plain-key', ?, 'flowise', '["tools:view","tools:create"]', ?),
              ('tampered', ?, 'flowise', '[]', ?)
            """,
            KeyHash.newSecret("plain-key"),
            workspace,
            KeyHash.newSecret("another"),
            workspace));

    var verified = store.verify("plain-key").orElseThrow();
    assertThat(verified.permissions()).containsExactly("tools:view", "tools:create");
    assertThat(verified.hashed()).isFalse();
    assertThat(store.verify("tampered")).isEmpty();
  }

  @Test
  void refusesWhatIsNoKey() {
    var created = store.create("leaked", List.of(), workspace);

    assertThat(store.verify(KeyHash.sha256(created.plaintext()))).isEmpty();
    assertThat(store.verify("")).isEmpty();
    assertThat(store.verify(created.plaintext() + "x")).isEmpty();
    assertThat(store.verify("x".repeat(10_000))).isEmpty();
    assertThat(store.verify("\0")).isEmpty();
  }

  @Test
  void asksTheDatabaseOncePerKey() {
    var created = store.create("busy", List.of(), workspace);
    assertThat(store.verify(created.plaintext())).isPresent();
    var before = database.statements();

    for (var i = 0; i < 100; i++) {
      assertThat(store.verify(created.plaintext())).isPresent();
    }

    assertThat(database.statements()).isEqualTo(before);
  }

  @Test
  void forgetsADeletedKeyAtOnce() {
    var created = store.create("short-lived", List.of(), workspace);
    assertThat(store.verify(created.plaintext())).isPresent();

    assertThat(store.delete(created.key().id())).isEqualTo(1);

    assertThat(store.verify(created.plaintext())).isEmpty();
    assertThat(store.delete(created.key().id())).isZero();
    assertThat(store.delete("no id")).isZero();
  }

  @Test
  void listsAndChangesKeys() {
    var own = UUID.randomUUID().toString();
    var b = store.create("b", List.of(), own);
    store.create("a", List.of("x:y"), own);
    assertThat(store.verify(b.plaintext())).isPresent();

    assertThat(store.update(b.key().id(), "c", List.of("z:z"))).isEqualTo(1);

    assertThat(store.list(own)).extracting(ApiKey::name).containsExactly("a", "c");
    assertThat(store.verify(b.plaintext()).orElseThrow().permissions()).containsExactly("z:z");
    assertThatThrownBy(() -> store.create(" ", List.of(), own))
        .isInstanceOf(InvalidEntityException.class);
  }

  @Test
  void createsOneAdminKeyHoweverManyAsk() throws Exception {
    var own = UUID.randomUUID().toString();
    Callable<Optional<ApiKeyStore.NewKey>> ask =
        () -> store.ensureAdminKey("admin", List.of("all:all"), own);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var created = 0;
      for (Future<Optional<ApiKeyStore.NewKey>> answer :
          threads.invokeAll(List.of(ask, ask, ask, ask))) {
        created += answer.get().isPresent() ? 1 : 0;
      }
      assertThat(created).isEqualTo(1);
    }
    assertThat(store.list(own)).hasSize(1);
  }

  private List<String> table() {
    return database.with(
        handle -> handle.createQuery("SELECT apikey::text FROM apikey").mapTo(String.class).list());
  }
}
