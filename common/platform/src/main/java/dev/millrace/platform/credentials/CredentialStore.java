package dev.millrace.platform.credentials;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.Secrets;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.db.RowId;
import dev.millrace.platform.db.UtcColumn;
import dev.millrace.platform.secrets.CredentialCipher;
import dev.millrace.platform.secrets.CredentialKeyException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stores credentials in Flowise's table and gives them to nodes. Thread-safe.
 *
 * <p>The cache of {@link #credential} holds rows as they are stored: plain text lives only as long
 * as the caller keeps it.
 */
public final class CredentialStore implements Secrets {
  /** Stands for a value in what {@link #masked} returns; {@link #update} keeps the old value. */
  public static final String MASK = "********";

  private static final String COLUMNS =
      """
      id::text, name, "credentialName", "encryptedData", "workspaceId"::text, "createdDate",
      "updatedDate"
      """;
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int CACHED_ROWS = 500;

  /** Bounds how long a change is missed that nobody announced. */
  private static final Duration CACHED_FOR = Duration.ofSeconds(10);

  private record Row(Credential credential, String encryptedData) {}

  private final Database database;
  private final CredentialCipher cipher;
  private final InstantSource clock;
  private final Cache<UUID, @Nullable Row> cache =
      Caffeine.newBuilder().maximumSize(CACHED_ROWS).expireAfterWrite(CACHED_FOR).build();

  public CredentialStore(Database database, CredentialCipher cipher, InstantSource clock) {
    this.database = database;
    this.cipher = cipher;
    this.clock = clock;
  }

  /**
   * Creates a credential.
   *
   * @param body {@code {name, credentialName, plainDataObj}}
   * @throws InvalidEntityException when one of them is missing
   */
  public Credential create(ObjectNode body, String workspaceId) {
    var now = UtcColumn.now(clock);
    var credential =
        new Credential(
            UUID.randomUUID().toString(),
            text(body, "name", null),
            text(body, "credentialName", null),
            workspaceId,
            now,
            now);
    if (!(body.path("plainDataObj") instanceof ObjectNode plain)) {
      throw new InvalidEntityException("plainDataObj is missing; it has to hold the fields");
    }
    var encrypted = cipher.encrypt(plain.toString());
    database.with(handle ->
        handle
            .createUpdate(
                """
                INSERT INTO credential (id, name, "credentialName", "encryptedData",
                    "workspaceId", "createdDate", "updatedDate")
                VALUES (:id, :name, :kind, :encrypted, :workspace, :now, :now)
                """)
            .bind("id", credential.id())
            .bind("name", credential.name())
            .bind("kind", credential.credentialName())
            .bind("encrypted", encrypted)
            .bind("workspace", workspaceId)
            .bind("now", UtcColumn.text(now))
            .execute());
    return credential;
  }

  /**
   * Returns a workspace's credentials, without their values, in the order of their names.
   *
   * @param credentialNames only these kinds; all when empty
   */
  public List<Credential> list(String workspaceId, List<String> credentialNames) {
    return database.with(handle ->
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + """
                    FROM credential
                    WHERE "workspaceId" = :workspace
                      AND (:kinds = '' OR "credentialName" = ANY (string_to_array(:kinds, ',')))
                    ORDER BY name, id
                    """)
            .bind("workspace", workspaceId)
            .bind("kinds", String.join(",", credentialNames))
            .map((row, context) -> read(row).credential())
            .list());
  }

  /** Returns a credential without its values. */
  public Optional<Credential> find(String id) {
    return row(id).map(Row::credential);
  }

  /** Returns the fields of a credential, every value replaced by {@link #MASK}. */
  public Optional<ObjectNode> masked(String id) {
    return reveal(id)
        .map(plain -> {
          var masked = JsonNodeFactory.instance.objectNode();
          plain.propertyNames().forEach(name -> masked.put(name, MASK));
          return masked;
        });
  }

  /** Returns the fields of a credential in plain text, for who may see them. */
  public Optional<ObjectNode> reveal(String id) {
    return row(id).map(this::decrypt);
  }

  /**
   * Replaces name and kind when the body has them, and merges its {@code plainDataObj} into the
   * stored fields: a member that is absent or still masked keeps its value, null removes it.
   *
   * @return the credential as it is now; nothing when there is none
   */
  public Optional<Credential> update(String id, ObjectNode body) {
    var updated =
        RowId.parse(id)
            .flatMap(key ->
                database.inTransaction(handle ->
                    select(handle, key, "FOR UPDATE").map(row -> update(handle, row, body))));
    invalidate(id);
    return updated;
  }

  private Credential update(Handle handle, Row row, ObjectNode body) {
    var old = row.credential();
    var now = UtcColumn.now(clock);
    var credential =
        new Credential(
            old.id(),
            text(body, "name", old.name()),
            text(body, "credentialName", old.credentialName()),
            old.workspaceId(),
            old.createdDate(),
            now);
    var encrypted =
        body.path("plainDataObj") instanceof ObjectNode changes
            ? cipher.encrypt(merge(decrypt(row), changes).toString())
            : row.encryptedData();
    handle
        .createUpdate(
            """
            UPDATE credential
            SET name = :name, "credentialName" = :kind, "encryptedData" = :encrypted,
                "updatedDate" = :now
            WHERE id = :id
            """)
        .bind("id", credential.id())
        .bind("name", credential.name())
        .bind("kind", credential.credentialName())
        .bind("encrypted", encrypted)
        .bind("now", UtcColumn.text(now))
        .execute();
    return credential;
  }

  private static ObjectNode merge(ObjectNode fields, ObjectNode changes) {
    changes
        .properties()
        .forEach(change -> {
          JsonNode value = change.getValue();
          if (value.isNull()) {
            fields.remove(change.getKey());
          } else if (!(value.isString() && value.asString().equals(MASK))) {
            fields.set(change.getKey(), value);
          }
        });
    return fields;
  }

  /** Deletes a credential and returns how many there were: 0 or 1. */
  public int delete(String id) {
    var deleted =
        RowId.parse(id)
            .map(key ->
                database.with(handle ->
                    handle
                        .createUpdate("DELETE FROM credential WHERE id = :id")
                        .bind("id", key)
                        .execute()))
            .orElse(0);
    invalidate(id);
    return deleted;
  }

  /** Forgets what is cached of a credential; to be called when another process changed it. */
  public void invalidate(String id) {
    RowId.parse(id).ifPresent(cache::invalidate);
  }

  @Override
  public ObjectNode credential(String credentialId) {
    var key =
        RowId.parse(credentialId).orElseThrow(() -> missing(credentialId, "is no credential id"));
    @Nullable Row row =
        cache.get(key, id -> database.with(handle -> select(handle, id, "")).orElse(null));
    if (row == null) {
      throw missing(credentialId, "does not exist");
    }
    try {
      return decrypt(row);
    } catch (CredentialKeyException e) {
      throw new FlowException(String.valueOf(e.getMessage()), e);
    }
  }

  private static FlowException missing(String id, String problem) {
    return new FlowException(
        "credential "
            + id
            + " "
            + problem
            + "; create it, or choose another one in the node that refers to it");
  }

  private Optional<Row> row(String id) {
    return RowId.parse(id).flatMap(key -> database.with(handle -> select(handle, key, "")));
  }

  private static Optional<Row> select(Handle handle, UUID id, String locking) {
    return handle
        .createQuery("SELECT " + COLUMNS + " FROM credential WHERE id = :id " + locking)
        .bind("id", id)
        .map((row, context) -> read(row))
        .findOne();
  }

  private static Row read(ResultSet row) throws SQLException {
    return new Row(
        new Credential(
            row.getString("id"),
            row.getString("name"),
            row.getString("credentialName"),
            row.getString("workspaceId"),
            UtcColumn.read(row, "createdDate"),
            UtcColumn.read(row, "updatedDate")),
        row.getString("encryptedData"));
  }

  private ObjectNode decrypt(Row row) {
    var what = "credential " + row.credential().id() + " (" + row.credential().name() + ")";
    return (ObjectNode) JSON.readTree(cipher.decrypt(what, row.encryptedData()));
  }

  private static String text(ObjectNode body, String member, @Nullable String old) {
    var value = body.path(member).asString(old == null ? "" : old);
    if (value.isBlank()) {
      throw new InvalidEntityException(member + " must not be empty");
    }
    return value;
  }
}
