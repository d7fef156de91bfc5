package dev.millrace.platform.tasks;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The rows of tasks, as their users see them. Thread-safe; every method asks PostgreSQL. */
final class TaskStore {
  private static final String SHOWN =
      """
      id, type, title, workspace, created_by, request_id, cancelable, state, result,
      progress_current, progress_total, attempt, created, started, done,
      EXISTS (SELECT FROM millrace.task_file file WHERE file.task = id) AS has_file
      """;

  /** Everything, for the node that runs it. */
  static final String COLUMNS = "params, " + SHOWN;

  /** Parameters may be as large as a request: a page of them would be too much. */
  private static final String LOOKED_AT = "'{}' AS params, " + SHOWN;

  private final Database database;
  private final JsonMapper json;

  TaskStore(Database database, JsonMapper json) {
    this.database = database;
    this.json = json;
  }

  Task create(UUID id, Task.Request request, String origin) {
    return database.with(handle -> {
      handle
          .createUpdate(
              """
              INSERT INTO millrace.task (id, workspace, created_by, origin, type, title, params,
                request_id, cancelable)
              VALUES (:id, :workspace, :createdBy, :origin, :type, :title, :params, :requestId,
                :cancelable)
              """)
          .bind("id", id)
          .bind("workspace", request.workspace())
          .bind("createdBy", request.createdBy())
          .bind("origin", origin)
          .bind("type", request.type())
          .bind("title", request.title())
          .bind("params", request.params().toString())
          .bind("requestId", request.requestId())
          .bind("cancelable", request.cancelable())
          .execute();
      return find(handle, id).orElseThrow();
    });
  }

  Optional<Task> find(UUID id) {
    return database.with(handle -> find(handle, id));
  }

  private Optional<Task> find(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT " + LOOKED_AT + " FROM millrace.task WHERE id = :id")
        .bind("id", id)
        .map((row, context) -> read(row))
        .findOne();
  }

  Page<Task> list(String createdBy, int page, int limit) {
    return database.with(handle -> {
      var tasks =
          handle
              .createQuery(
                  "SELECT "
                      + LOOKED_AT
                      + """
                      FROM millrace.task WHERE created_by = :by
                      ORDER BY created DESC, id LIMIT :limit OFFSET :offset
                      """)
              .bind("by", createdBy)
              .bind("limit", limit)
              .bind("offset", (page - 1) * (long) limit)
              .map((row, context) -> read(row))
              .list();
      var total =
          handle
              .createQuery("SELECT count(*) FROM millrace.task WHERE created_by = :by")
              .bind("by", createdBy)
              .mapTo(Long.class)
              .one();
      return new Page<>(tasks, total);
    });
  }

  Optional<Task.File> file(UUID id) {
    return database.with(handle ->
        handle
            .createQuery("SELECT name, type, content FROM millrace.task_file WHERE task = :id")
            .bind("id", id)
            .map((row, context) ->
                new Task.File(
                    row.getString("name"), row.getString("type"), row.getBytes("content")))
            .findOne());
  }

  /**
   * Ends a task that has not ended; returns it with its parameters if it was this call that did.
   */
  Optional<Task> cancel(UUID id) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                UPDATE millrace.task SET state = 'CANCELED', done = now()
                WHERE id = :id AND state IN ('PENDING', 'RUNNING')
                RETURNING
                """
                    + COLUMNS)
            .bind("id", id)
            .map((row, context) -> read(row))
            .findOne());
  }

  /** Notes that the queue does not know of a task, so that it is told as soon as it can be. */
  void unheard(UUID id) {
    database.<Void>with(handle -> {
      handle.execute("UPDATE millrace.task SET rung = '-infinity' WHERE id = ?", id);
      return null;
    });
  }

  long pending() {
    return database.with(handle ->
        handle
            .createQuery("SELECT count(*) FROM millrace.task WHERE state = 'PENDING'")
            .mapTo(Long.class)
            .one());
  }

  Task read(ResultSet row) throws SQLException {
    var request =
        new Task.Request(
            row.getString("type"),
            row.getString("title"),
            (ObjectNode) json.readTree(row.getString("params")),
            row.getString("workspace"),
            row.getString("created_by"),
            row.getString("request_id"),
            row.getBoolean("cancelable"));
    return new Task(
        row.getObject("id", UUID.class),
        request,
        TaskState.valueOf(row.getString("state")),
        result(row.getString("result")),
        row.getDouble("progress_current"),
        row.getDouble("progress_total"),
        row.getInt("attempt"),
        row.getBoolean("has_file"),
        row.getTimestamp("created").toInstant(),
        instant(row.getTimestamp("started")),
        instant(row.getTimestamp("done")));
  }

  private @Nullable JsonNode result(@Nullable String text) {
    return text == null ? null : json.readTree(text);
  }

  private static @Nullable Instant instant(@Nullable Timestamp time) {
    return time == null ? null : time.toInstant();
  }
}
