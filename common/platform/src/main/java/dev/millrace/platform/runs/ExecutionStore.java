package dev.millrace.platform.runs;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.Page;
import dev.millrace.platform.db.RowId;
import dev.millrace.platform.db.UtcColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads executions for people who look at them, as Flowise's API shows them. Thread-safe. */
public final class ExecutionStore {
  private static final int MOST_PER_PAGE = 100;
  private static final String COLUMNS =
      """
      id::text, "executionData", state, "agentflowId"::text, "sessionId", action, "isPublic",
      "createdDate", "updatedDate", "stoppedDate", "workspaceId"
      """;

  private final Database database;

  public ExecutionStore(Database database) {
    this.database = database;
  }

  /**
   * Which executions, and which page of them.
   *
   * @param agentflowId only those of a flow; null means of all
   * @param sessionId only those of a session; null means of all
   * @param state only those in a state; null means in all
   * @param page from 1
   * @param limit rows a page; more than {@value #MOST_PER_PAGE} are cut
   */
  public record Filter(
      String workspaceId,
      @Nullable String agentflowId,
      @Nullable String sessionId,
      @Nullable String state,
      int page,
      int limit) {
    public Filter {
      page = Math.max(1, page);
      limit = Math.clamp(limit, 1, MOST_PER_PAGE);
    }
  }

  /** Returns a page of executions, those that changed last first. */
  public Page<ObjectNode> list(Filter filter) {
    return database.with(handle -> {
      var condition =
          """
          FROM execution
          WHERE "workspaceId" = :workspace
            AND (CAST(:flow AS text) IS NULL OR "agentflowId"::text = :flow)
            AND (CAST(:session AS text) IS NULL OR "sessionId" = :session)
            AND (CAST(:state AS text) IS NULL OR state = :state)
          """;
      var rows =
          handle
              .createQuery(
                  "SELECT "
                      + COLUMNS
                      + condition
                      + "ORDER BY \"updatedDate\" DESC LIMIT :limit OFFSET :offset")
              .bind("workspace", filter.workspaceId())
              .bind("flow", filter.agentflowId())
              .bind("session", filter.sessionId())
              .bind("state", filter.state())
              .bind("limit", filter.limit())
              .bind("offset", (filter.page() - 1L) * filter.limit())
              .map((row, context) -> json(row))
              .list();
      var total =
          handle
              .createQuery("SELECT count(*) " + condition)
              .bind("workspace", filter.workspaceId())
              .bind("flow", filter.agentflowId())
              .bind("session", filter.sessionId())
              .bind("state", filter.state())
              .mapTo(Long.class)
              .one();
      return new Page<>(rows, total);
    });
  }

  /** Returns an execution of a workspace. */
  public Optional<ObjectNode> find(String id, String workspaceId) {
    return RowId.parse(id)
        .flatMap(uuid ->
            database.with(handle ->
                handle
                    .createQuery(
                        "SELECT "
                            + COLUMNS
                            + "FROM execution WHERE id = :id AND \"workspaceId\" = :workspace")
                    .bind("id", uuid)
                    .bind("workspace", workspaceId)
                    .map((row, context) -> json(row))
                    .findOne()));
  }

  private static ObjectNode json(ResultSet row) throws SQLException {
    var json = JsonNodeFactory.instance.objectNode();
    for (var column :
        new String[] {"id", "executionData", "state", "agentflowId", "sessionId", "action"}) {
      json.put(column, row.getString(column));
    }
    var isPublic = row.getBoolean("isPublic");
    json.put("isPublic", row.wasNull() ? null : isPublic);
    for (var column : new String[] {"createdDate", "updatedDate", "stoppedDate"}) {
      var instant = UtcColumn.readNullable(row, column);
      json.put(column, instant == null ? null : UtcColumn.json(instant));
    }
    return json.put("workspaceId", row.getString("workspaceId"));
  }
}
