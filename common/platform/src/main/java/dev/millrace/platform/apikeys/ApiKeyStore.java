package dev.millrace.platform.apikeys;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.db.RowId;
import dev.millrace.platform.db.UtcColumn;
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

/**
 * Stores API keys in Flowise's table. Thread-safe.
 *
 * <p>Keys created here are stored as hashes and cannot be shown again; a Flowise on the same
 * database does not accept them. Keys that Flowise created, which it stores in plain text, are
 * accepted here.
 */
public final class ApiKeyStore {
  private static final String COLUMNS =
      """
      id::text, "apiKey", "apiSecret", "keyName", permissions::text, "workspaceId"::text,
      "updatedDate"
      """;
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long ADMIN_LOCK = 0x61646d696e6b6579L; // "adminkey"
  private static final int LONGEST_KEY = 512;
  private static final int CACHED_KEYS = 10_000;

  /** Bounds how long a key is accepted that another process deleted without announcing it. */
  private static final Duration CACHED_FOR = Duration.ofSeconds(10);

  /**
   * A key and its plain text, which exists only here.
   *
   * @param plaintext to be shown once
   */
  public record NewKey(ApiKey key, String plaintext) {
    @Override
    public String toString() {
      return key.toString();
    }
  }

  private record Row(ApiKey key, String apiKey, String apiSecret) {}

  private final Database database;
  private final InstantSource clock;

  /** Accepted keys by their SHA-256. */
  private final Cache<String, @Nullable ApiKey> accepted =
      Caffeine.newBuilder().maximumSize(CACHED_KEYS).expireAfterWrite(CACHED_FOR).build();

  private final Cache<String, @Nullable ApiKey> byId =
      Caffeine.newBuilder().maximumSize(CACHED_KEYS).expireAfterWrite(CACHED_FOR).build();

  /** Secrets by the SHA-256 of the key that they were compared with: scrypt takes 50 ms. */
  private final Cache<String, String> proven =
      Caffeine.newBuilder().maximumSize(CACHED_KEYS).build();

  public ApiKeyStore(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * Returns the key that a client presented; nothing when it is not valid.
   *
   * @param presented what stands behind {@code Bearer}
   */
  public Optional<ApiKey> verify(String presented) {
    // A stored hash is not a key: who has read the table must not get in with it.
    if (presented.isEmpty()
        || presented.length() > LONGEST_KEY
        || !presented.chars().allMatch(c -> c > ' ' && c <= '~')
        || presented.startsWith(KeyHash.SHA256)) {
      return Optional.empty();
    }
    var hash = KeyHash.sha256(presented);
    return Optional.ofNullable(accepted.get(hash, _ -> lookUp(presented, hash)));
  }

  private @Nullable ApiKey lookUp(String presented, String hash) {
    return database
        .with(handle ->
            handle
                .createQuery(
                    "SELECT " + COLUMNS + " FROM apikey WHERE \"apiKey\" IN (:hash, :presented)")
                .bind("hash", hash)
                .bind("presented", presented)
                .map((row, context) -> read(row))
                .list())
        .stream()
        .filter(row -> isProven(row, presented, hash))
        .map(Row::key)
        .findFirst()
        .orElse(null);
  }

  /** Returns a key by its id, as it was at most 10 s ago. */
  public Optional<ApiKey> find(String id) {
    return Optional.ofNullable(byId.get(id, this::lookUp));
  }

  private @Nullable ApiKey lookUp(String id) {
    return RowId.parse(id)
        .flatMap(key ->
            database.with(handle ->
                handle
                    .createQuery("SELECT " + COLUMNS + " FROM apikey WHERE id = :id")
                    .bind("id", key.toString())
                    .map((row, context) -> read(row).key())
                    .findOne()))
        .orElse(null);
  }

  private boolean isProven(Row row, String presented, String hash) {
    if (row.apiSecret().equals(proven.getIfPresent(hash))) {
      return true;
    }
    if (!KeyHash.matches(presented, row.apiSecret())) {
      return false;
    }
    proven.put(hash, row.apiSecret());
    return true;
  }

  /**
   * Creates a key.
   *
   * @throws InvalidEntityException when the name is empty
   */
  public NewKey create(String keyName, List<String> permissions, String workspaceId) {
    return database.with(handle -> insert(handle, keyName, permissions, workspaceId));
  }

  /**
   * Creates a key of this name unless the workspace has one, however many processes ask at once.
   *
   * @return the new key, for the one caller that created it
   */
  public Optional<NewKey> ensureAdminKey(
      String keyName, List<String> permissions, String workspaceId) {
    return database.inTransaction(handle -> {
      handle
          .createQuery("SELECT 1 FROM pg_advisory_xact_lock(:lock)")
          .bind("lock", ADMIN_LOCK)
          .mapTo(Integer.class)
          .one();
      var exists =
          handle
              .createQuery(
                  """
                  SELECT EXISTS (SELECT FROM apikey
                    WHERE "workspaceId" = :workspace AND "keyName" = :name)
                  """)
              .bind("workspace", workspaceId)
              .bind("name", keyName)
              .mapTo(Boolean.class)
              .one();
      return exists
          ? Optional.empty()
          : Optional.of(insert(handle, keyName, permissions, workspaceId));
    });
  }

  private NewKey insert(
      Handle handle, String keyName, List<String> permissions, String workspaceId) {
    var plaintext = KeyHash.newKey();
    var now = UtcColumn.now(clock);
    var key =
        new ApiKey(
            UUID.randomUUID().toString(), named(keyName), workspaceId, permissions, true, now);
    handle
        .createUpdate(
            """
            INSERT INTO apikey (id, "apiKey", "apiSecret", "keyName", permissions, "workspaceId",
                "updatedDate")
            VALUES (:id, :hash, :secret, :name, :permissions, :workspace, :now)
            """)
        .bind("id", key.id())
        .bind("hash", KeyHash.sha256(plaintext))
        .bind("secret", KeyHash.newSecret(plaintext))
        .bind("name", keyName)
        .bind("permissions", json(permissions))
        .bind("workspace", workspaceId)
        .bind("now", UtcColumn.text(now))
        .execute();
    return new NewKey(key, plaintext);
  }

  /** Returns a workspace's keys in the order of their names. */
  public List<ApiKey> list(String workspaceId) {
    return database.with(handle ->
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + " FROM apikey WHERE \"workspaceId\" = :workspace ORDER BY \"keyName\", id")
            .bind("workspace", workspaceId)
            .map((row, context) -> read(row).key())
            .list());
  }

  /**
   * Renames a key and replaces its permissions.
   *
   * @return how many keys were changed: 0 or 1
   */
  public int update(String id, String keyName, List<String> permissions) {
    var name = named(keyName);
    var changed =
        RowId.parse(id)
            .map(key ->
                database.with(handle ->
                    handle
                        .createUpdate(
                            """
                            UPDATE apikey
                            SET "keyName" = :name, permissions = :permissions,
                                "updatedDate" = :now
                            WHERE id = :id
                            """)
                        .bind("id", key.toString())
                        .bind("name", name)
                        .bind("permissions", json(permissions))
                        .bind("now", UtcColumn.text(UtcColumn.now(clock)))
                        .execute()))
            .orElse(0);
    invalidate();
    return changed;
  }

  /** Deletes a key and returns how many there were: 0 or 1. */
  public int delete(String id) {
    var deleted =
        RowId.parse(id)
            .map(key ->
                database.with(handle ->
                    handle
                        .createUpdate("DELETE FROM apikey WHERE id = :id")
                        .bind("id", key.toString())
                        .execute()))
            .orElse(0);
    invalidate();
    return deleted;
  }

  /** Forgets which keys are valid; to be called when another process changed one. */
  public void invalidate() {
    accepted.invalidateAll();
    byId.invalidateAll();
  }

  private static Row read(ResultSet row) throws SQLException {
    var apiKey = row.getString("apiKey");
    return new Row(
        new ApiKey(
            row.getString("id"),
            row.getString("keyName"),
            row.getString("workspaceId"),
            JSON.readTree(row.getString("permissions"))
                .valueStream()
                .map(JsonNode::asString)
                .toList(),
            apiKey.startsWith(KeyHash.SHA256),
            UtcColumn.read(row, "updatedDate")),
        apiKey,
        row.getString("apiSecret"));
  }

  private static String named(String keyName) {
    if (keyName.isBlank()) {
      throw new InvalidEntityException("keyName must not be empty");
    }
    return keyName;
  }

  private static String json(List<String> permissions) {
    var array = JsonNodeFactory.instance.arrayNode();
    permissions.forEach(array::add);
    return array.toString();
  }
}
