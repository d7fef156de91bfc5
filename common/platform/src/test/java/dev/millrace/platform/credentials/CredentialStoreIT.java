package dev.millrace.platform.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.secrets.CredentialCipher;
import dev.millrace.platform.secrets.EncryptionKey;
import dev.millrace.platform.settings.Secret;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CredentialStoreIT {
  private final Database database = TestDatabase.migrated();
  private final String workspace = new Workspaces(database).defaultWorkspace().workspaceId();
  private final CredentialStore store = open("key-1");

  private CredentialStore open(String key) {
    return new CredentialStore(database, cipher(key), InstantSource.system());
  }

  private static CredentialCipher cipher(String key) {
    return new CredentialCipher(EncryptionKey.of(new Secret(key), "the test"));
  }

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void storesCiphertextAndShowsValuesOnlyOnDemand() {
    var created = store.create(openAi("my key", "sk-1"), workspace);

    assertThat(stored(created.id())).startsWith("U2FsdGVkX1").doesNotContain("sk-1");
    assertThat(store.find(created.id())).contains(created);
    assertThat(created.toJson().propertyNames())
        .containsExactly(
            "id", "name", "credentialName", "createdDate", "updatedDate", "workspaceId");
    assertThat(store.masked(created.id()).orElseThrow().toString())
        .isEqualTo("{\"openAIApiKey\":\"********\",\"base\":\"********\"}");
    assertThat(store.reveal(created.id()).orElseThrow().get("openAIApiKey").asString())
        .isEqualTo("sk-1");
  }

  @Test
  void mergesChangesAndKeepsWhatComesBackMasked() {
    var id = store.create(openAi("my key", "sk-1"), workspace).id();

    var updated =
        store
            .update(
                id,
                object(
                    """
                    {"name":"renamed","plainDataObj":
                      {"openAIApiKey":"********","base":null,"organisation":"o"}}
                    """))
            .orElseThrow();

    assertThat(updated.name()).isEqualTo("renamed");
    assertThat(updated.credentialName()).isEqualTo("openAIApi");
    assertThat(store.reveal(id).orElseThrow().toString())
        .isEqualTo("{\"openAIApiKey\":\"sk-1\",\"organisation\":\"o\"}");
    assertThat(store.update(UUID.randomUUID().toString(), object("{}"))).isEmpty();
  }

  @Test
  void listsByKind() {
    var own = UUID.randomUUID().toString();
    store.create(openAi("b", "1"), own);
    store.create(openAi("a", "2"), own);
    store.create(
        object("{\"name\":\"c\",\"credentialName\":\"httpBasic\",\"plainDataObj\":{}}"), own);

    assertThat(store.list(own, List.of()))
        .extracting(Credential::name)
        .containsExactly("a", "b", "c");
    assertThat(store.list(own, List.of("httpBasic", "other")))
        .extracting(Credential::name)
        .containsExactly("c");
  }

  @Test
  void givesNodesTheFieldsWithoutAskingTwice() {
    var id = store.create(openAi("my key", "sk-1"), workspace).id();
    assertThat(store.credential(id).get("openAIApiKey").asString()).isEqualTo("sk-1");
    var before = database.statements();

    store.credential(id).put("openAIApiKey", "changed by a node");

    assertThat(store.credential(id).get("openAIApiKey").asString()).isEqualTo("sk-1");
    assertThat(database.statements()).isEqualTo(before);
    store.update(id, object("{\"plainDataObj\":{\"openAIApiKey\":\"sk-2\"}}"));
    assertThat(store.credential(id).get("openAIApiKey").asString()).isEqualTo("sk-2");
    assertThat(store.delete(id)).isEqualTo(1);
    assertThatThrownBy(() -> store.credential(id))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining(id)
        .hasMessageContaining("does not exist");
  }

  @Test
  void saysWhatIsWrong() {
    var id = store.create(openAi("my key", "sk-1"), workspace).id();
    assertThatThrownBy(() -> open("key-2").credential(id))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("(my key)")
        .hasMessageContaining("key");
    assertThatThrownBy(() -> store.credential("${openai}"))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("${openai} is no credential id");
    assertThatThrownBy(() -> store.create(object("{\"name\":\"n\"}"), workspace))
        .isInstanceOf(InvalidEntityException.class)
        .hasMessageContaining("credentialName");
    assertThatThrownBy(
            () -> store.create(object("{\"name\":\"n\",\"credentialName\":\"c\"}"), workspace))
        .isInstanceOf(InvalidEntityException.class)
        .hasMessageContaining("plainDataObj");
  }

  @Test
  void doesNotQuoteWhatItCannotParse() {
    var id = store.create(openAi("broken", "sk-1"), workspace).id();
    database.with(handle ->
        handle.execute(
            "UPDATE credential SET \"encryptedData\" = ? WHERE id = ?",
            cipher("key-1").encrypt("sk-secret not JSON"),
            id));

    assertThatThrownBy(() -> store.credential(id))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("broken")
        .hasMessageNotContaining("sk-secret");
  }

  private String stored(String id) {
    return database.with(handle ->
        handle
            .createQuery("SELECT \"encryptedData\" FROM credential WHERE id = :id")
            .bind("id", id)
            .mapTo(String.class)
            .one());
  }

  private static ObjectNode openAi(String name, String key) {
    return object(
        """
        {"name":"%s","credentialName":"openAIApi",
         "plainDataObj":{"openAIApiKey":"%s","base":"https://example.org"}}
        """
            .formatted(name, key));
  }

  private static ObjectNode object(String json) {
    return (ObjectNode) JsonMapper.shared().readTree(json);
  }
}
