package dev.millrace.platform.flows;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.db.Page;
import dev.millrace.platform.db.RowId;
import dev.millrace.platform.db.UtcColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stores flows in Flowise's table. Thread-safe; every method but {@link #cached} asks PostgreSQL.
 */
public final class ChatFlowStore {
  private static final String COLUMNS =
      """
      id::text, name, "flowData", deployed, "isPublic", apikeyid, "chatbotConfig", "apiConfig",
      analytic, "speechToText", "textToSpeech", "followUpPrompts", category, type,
      "mcpServerConfig", "webhookSecretConfigured", "workspaceId"::text, "createdDate",
      "updatedDate"
      """;

  /** Characters of flowData that the cache may hold. */
  private static final long CACHED_CHARACTERS = 64L << 20;

  /** Bounds how long a change is missed that nobody announced, such as one by Flowise. */
  private static final Duration CACHED_FOR = Duration.ofSeconds(10);

  private final Database database;
  private final InstantSource clock;
  private final LoadingCache<String, @Nullable ChatFlow> cache;

  public ChatFlowStore(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(CACHED_CHARACTERS)
            .<String, ChatFlow>weigher((id, flow) -> 1_000 + flow.flowData().length())
            .expireAfterWrite(CACHED_FOR)
            .build(this::load);
  }

  /**
   * Which flows to list.
   *
   * @param workspaceId only its flows; null for all
   * @param type only flows of this type; null for all
   * @param page 1 or more; 0 for all flows
   * @param limit flows of a page, at least 1 when page is not 0
   */
  public record Filter(@Nullable String workspaceId, @Nullable String type, int page, int limit) {
    public Filter {
      if (page < 0 || (page > 0 && limit < 1)) {
        throw new InvalidEntityException("page and limit have to be 1 or more");
      }
    }
  }

  /**
   * Creates a flow with a new id.
   *
   * @param body the request's body
   * @throws InvalidEntityException when the type is missing or a member is not what it has to be
   */
  public ChatFlow create(ObjectNode body, String workspaceId) {
    return create(UUID.randomUUID(), body, workspaceId);
  }

  /**
   * Creates a flow with a given id, for imports.
   *
   * @throws InvalidEntityException as above, and when there is a flow with that id
   */
  public ChatFlow create(UUID id, ObjectNode body, String workspaceId) {
    var flow = new ChatFlowBody(body).create(id.toString(), workspaceId, UtcColumn.now(clock));
    var created =
        database.with(handle ->
            handle
                .createUpdate(
                    """
                    INSERT INTO chat_flow (id, name, "flowData", deployed, "isPublic", apikeyid,
                        "chatbotConfig", "apiConfig", analytic, "speechToText", "textToSpeech",
                        "followUpPrompts", category, type, "mcpServerConfig", "workspaceId",
                        "createdDate", "updatedDate")
                    VALUES (:id, :name, :flowData, :deployed, :isPublic, :apikeyid,
                        :chatbotConfig, :apiConfig, :analytic, :speechToText, :textToSpeech,
                        :followUpPrompts, :category, :type, :mcpServerConfig, :workspaceId,
                        :createdDate, :updatedDate)
                    ON CONFLICT (id) DO NOTHING
                    """)
                .bindMap(parameters(flow))
                .execute());
    if (created == 0) {
      throw new InvalidEntityException("there is already a flow with the id " + id);
    }
    return flow;
  }

  /** Returns a flow; nothing when there is none or the id is no UUID. */
  public Optional<ChatFlow> find(String id) {
    return RowId.parse(id).flatMap(key -> database.with(handle -> select(handle, key, "")));
  }

  /**
   * Returns a flow, for predictions: as of the last {@link #invalidate}, or at most 10 s old.
   * Unknown ids are not remembered.
   */
  public Optional<ChatFlow> cached(String id) {
    return RowId.parse(id).flatMap(key -> Optional.ofNullable(cache.get(key.toString())));
  }

  /** Forgets what {@link #cached} knows of a flow; to be called when another process changed it. */
  public void invalidate(String id) {
    RowId.parse(id).ifPresent(key -> cache.invalidate(key.toString()));
  }

  /**
   * Replaces those members of a flow that the body has.
   *
   * @return the flow as it is now; nothing when there is none
   * @throws InvalidEntityException when a member is not what it has to be
   */
  public Optional<ChatFlow> update(String id, ObjectNode body) {
    var updated =
        RowId.parse(id).flatMap(key -> database.inTransaction(handle -> update(handle, key, body)));
    invalidate(id);
    return updated;
  }

  private Optional<ChatFlow> update(Handle handle, UUID id, ObjectNode body) {
    var flow =
        select(handle, id, "FOR UPDATE")
            .map(old -> new ChatFlowBody(body).applyTo(old, UtcColumn.now(clock)));
    flow.ifPresent(changed ->
        handle
            .createUpdate(
                """
                UPDATE chat_flow
                SET name = :name, "flowData" = :flowData, deployed = :deployed,
                    "isPublic" = :isPublic, apikeyid = :apikeyid,
                    "chatbotConfig" = :chatbotConfig, "apiConfig" = :apiConfig,
                    analytic = :analytic, "speechToText" = :speechToText,
                    "textToSpeech" = :textToSpeech, "followUpPrompts" = :followUpPrompts,
                    category = :category, type = :type, "mcpServerConfig" = :mcpServerConfig,
                    "updatedDate" = :updatedDate
                WHERE id = :id
                """)
            .bindMap(parameters(changed))
            .execute());
    return flow;
  }

  /** Returns flows, the last changed first. */
  public Page<ChatFlow> list(Filter filter) {
    var parameters = new HashMap<String, @Nullable Object>();
    parameters.put("workspace", filter.workspaceId());
    parameters.put("type", filter.type());
    return database.with(handle -> {
      var flows =
          handle
              .createQuery(
                  "SELECT "
                      + COLUMNS
                      + """
                      FROM chat_flow
                      WHERE (:workspace::text IS NULL OR "workspaceId"::text = :workspace::text)
                        AND (:type::text IS NULL OR type = :type::text)
                      ORDER BY "updatedDate" DESC, id
                      LIMIT CASE WHEN :page = 0 THEN NULL ELSE :limit END
                      OFFSET greatest(:page - 1, 0) * :limit
                      """)
              .bindMap(parameters)
              .bind("page", filter.page())
              .bind("limit", filter.limit())
              .map((row, context) -> read(row))
              .list();
      return new Page<>(flows, filter.page() == 0 ? flows.size() : count(handle, parameters));
    });
  }

  private static long count(Handle handle, Map<String, @Nullable Object> parameters) {
    return handle
        .createQuery(
            """
            SELECT count(*) FROM chat_flow
            WHERE (:workspace::text IS NULL OR "workspaceId"::text = :workspace::text)
              AND (:type::text IS NULL OR type = :type::text)
            """)
        .bindMap(parameters)
        .mapTo(Long.class)
        .one();
  }

  /**
   * Deletes a flow with its messages, their feedback, its executions, leads and upsert history.
   *
   * @return how many flows were deleted: 0 or 1
   */
  public int delete(String id) {
    var deleted =
        RowId.parse(id)
            .map(key -> database.inTransaction(handle -> deleteAll(handle, key)))
            .orElse(0);
    invalidate(id);
    return deleted;
  }

  private static int deleteAll(Handle handle, UUID id) {
    var statements =
        List.of(
            "DELETE FROM chat_message_feedback WHERE chatflowid = :id",
            "DELETE FROM chat_message WHERE chatflowid = :id",
            "DELETE FROM execution WHERE \"agentflowId\" = :id",
            "DELETE FROM upsert_history WHERE chatflowid = :id",
            "DELETE FROM lead WHERE chatflowid = :id");
    for (var statement : statements) {
      handle.createUpdate(statement).bind("id", id.toString()).execute();
    }
    return handle
        .createUpdate("DELETE FROM chat_flow WHERE id = :id")
        .bind("id", id.toString())
        .execute();
  }

  private @Nullable ChatFlow load(String id) {
    return find(id).orElse(null);
  }

  private static Optional<ChatFlow> select(Handle handle, UUID id, String locking) {
    return handle
        .createQuery("SELECT " + COLUMNS + " FROM chat_flow WHERE id = :id " + locking)
        .bind("id", id.toString())
        .map((row, context) -> read(row))
        .findOne();
  }

  private static Map<String, @Nullable Object> parameters(ChatFlow flow) {
    var values = new HashMap<String, @Nullable Object>();
    values.put("id", flow.id());
    values.put("name", flow.name());
    values.put("flowData", flow.flowData());
    values.put("deployed", flow.deployed());
    values.put("isPublic", flow.isPublic());
    values.put("apikeyid", flow.apikeyid());
    values.put("chatbotConfig", flow.chatbotConfig());
    values.put("apiConfig", flow.apiConfig());
    values.put("analytic", flow.analytic());
    values.put("speechToText", flow.speechToText());
    values.put("textToSpeech", flow.textToSpeech());
    values.put("followUpPrompts", flow.followUpPrompts());
    values.put("category", flow.category());
    values.put("type", flow.type());
    values.put("mcpServerConfig", flow.mcpServerConfig());
    values.put("workspaceId", flow.workspaceId());
    values.put("createdDate", UtcColumn.text(flow.createdDate()));
    values.put("updatedDate", UtcColumn.text(flow.updatedDate()));
    return values;
  }

  private static ChatFlow read(ResultSet row) throws SQLException {
    return new ChatFlow(
        row.getString("id"),
        row.getString("name"),
        row.getString("flowData"),
        row.getObject("deployed", Boolean.class),
        row.getObject("isPublic", Boolean.class),
        row.getString("apikeyid"),
        row.getString("chatbotConfig"),
        row.getString("apiConfig"),
        row.getString("analytic"),
        row.getString("speechToText"),
        row.getString("textToSpeech"),
        row.getString("followUpPrompts"),
        row.getString("category"),
        row.getString("type"),
        row.getString("mcpServerConfig"),
        row.getBoolean("webhookSecretConfigured"),
        row.getString("workspaceId"),
        UtcColumn.read(row, "createdDate"),
        UtcColumn.read(row, "updatedDate"));
  }
}
