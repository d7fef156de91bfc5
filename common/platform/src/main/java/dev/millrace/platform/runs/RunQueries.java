package dev.millrace.platform.runs;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowStore.PreviousRun;
import dev.millrace.flows.engine.JournalEntry;
import dev.millrace.platform.db.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/** The statements of {@link RunStore} that are not worth sharing a commit. */
final class RunQueries {
  /** More than any model reads; keeps a session that never ends from filling the memory. */
  static final int HISTORY_LIMIT = 1_000;

  /** Stored columns that travel with a message, by the names that models and nodes know. */
  private static final List<String> EXTRA =
      List.of("fileUploads", "artifacts", "fileAnnotations", "usedTools");

  private final Database database;
  private final Function<String, @Nullable String> environment;

  RunQueries(Database database, Function<String, @Nullable String> environment) {
    this.database = database;
    this.environment = environment;
  }

  /** Reads its index backwards; "userMessage" sorts after "apiMessage". */
  static final String HISTORY =
      """
      SELECT role, content, "fileUploads", artifacts, "fileAnnotations", "usedTools"
      FROM chat_message
      WHERE "sessionId" = :session AND chatflowid = :flow
        AND "executionId" IS DISTINCT FROM :run
      ORDER BY "createdDate" DESC, role LIMIT :limit
      """;

  List<ChatTurn> history(String flowId, String sessionId, UUID run) {
    return database
        .with(handle ->
            handle
                .createQuery(HISTORY)
                .bind("session", sessionId)
                .bind("flow", flowId)
                .bind("run", run)
                .bind("limit", HISTORY_LIMIT)
                .map((row, context) -> turn(row))
                .list())
        .reversed();
  }

  static ChatTurn turn(ResultSet row) throws SQLException {
    var role = row.getString("role").equals("userMessage") ? "user" : "assistant";
    var extra = JsonNodeFactory.instance.objectNode();
    for (var column : EXTRA) {
      @Nullable String json = row.getString(column);
      if (json != null && !json.isEmpty()) {
        extra.set(column, RecordsJson.parseAny(json));
      }
    }
    return new ChatTurn(role, row.getString("content"), null, extra.isEmpty() ? null : extra);
  }

  static final String PREVIOUS_RUN =
      """
      SELECT id::text, state, "executionData" FROM execution
      WHERE "sessionId" = :session AND "agentflowId" = :flow AND state <> 'INPROGRESS'
      ORDER BY "createdDate" DESC LIMIT 1
      """;

  Optional<PreviousRun> previousRun(String flowId, String sessionId) {
    return database.with(handle ->
        handle
            .createQuery(PREVIOUS_RUN)
            .bind("session", sessionId)
            .bind("flow", flowId)
            .map((row, context) -> previous(row))
            .findOne());
  }

  Optional<PreviousRun> run(UUID runId) {
    return database.with(handle ->
        handle
            .createQuery("SELECT id::text, state, \"executionData\" FROM execution WHERE id = :id")
            .bind("id", runId)
            .map((row, context) -> previous(row))
            .findOne());
  }

  private static PreviousRun previous(ResultSet row) throws SQLException {
    return new PreviousRun(
        row.getString("id"),
        RecordsJson.status(row.getString("state")),
        RecordsJson.parse(row.getString("executionData")));
  }

  Map<String, String> variables(String workspaceId) {
    return database.with(handle -> {
      var variables = new HashMap<String, String>();
      handle
          .createQuery("SELECT name, value, type FROM variable WHERE \"workspaceId\" = :id")
          .bind("id", workspaceId)
          .map((row, context) -> Map.entry(row.getString("name"), value(row)))
          .forEach(variable -> variables.put(variable.getKey(), variable.getValue()));
      return Map.copyOf(variables);
    });
  }

  private String value(ResultSet row) throws SQLException {
    @Nullable String value =
        row.getString("type").equals("runtime")
            ? environment.apply(row.getString("name"))
            : row.getString("value");
    return Objects.requireNonNullElse(value, "");
  }

  List<JournalEntry> journal(UUID runId) {
    return database.with(handle -> journal(handle, runId));
  }

  static List<JournalEntry> journal(Handle handle, UUID runId) {
    return handle
        .createQuery(
            "SELECT record, meta FROM millrace.run_journal WHERE run_id = :run ORDER BY position")
        .bind("run", runId)
        .map((row, context) ->
            JournalEntry.of(
                RecordsJson.fromJson(RecordsJson.parseAny(row.getString("record"))),
                RecordsJson.parseAny(row.getString("meta"))))
        .list();
  }

  boolean markInterrupted(UUID job, String message) {
    return database.inTransaction(handle -> {
      // The job may have brought an answer to a run that an earlier job had begun.
      var runId =
          handle
              .createQuery("SELECT run_id FROM millrace.open_run WHERE answered_by = :job")
              .bind("job", job)
              .mapTo(UUID.class)
              .findOne()
              .orElse(job);
      var found =
          handle
              .createQuery(
                  """
                  SELECT "executionData" FROM execution
                  WHERE id = :id AND state = 'INPROGRESS' FOR UPDATE
                  """)
              .bind("id", runId)
              .mapTo(String.class)
              .findOne();
      if (found.isEmpty()) {
        return false;
      }
      var records = RecordsJson.parse(found.get());
      journal(handle, runId).forEach(entry -> records.add(RecordsJson.toJson(entry.record())));
      records.add(RecordsJson.interruption(message));
      handle
          .createUpdate(
              """
              WITH cleared AS (DELETE FROM millrace.run_journal WHERE run_id = :id),
                closed AS (DELETE FROM millrace.open_run WHERE run_id = :id)
              UPDATE execution
              SET state = 'ERROR', "executionData" = :records, "updatedDate" = now()
              WHERE id = :id
              """)
          .bind("id", runId)
          .bind("records", records.toString())
          .execute();
      return true;
    });
  }
}
