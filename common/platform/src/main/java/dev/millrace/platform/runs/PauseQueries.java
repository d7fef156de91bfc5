package dev.millrace.platform.runs;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.JournalEntry;
import dev.millrace.flows.engine.NodeRecord;
import dev.millrace.flows.engine.Past;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.runs.PausedRuns.Answer;
import dev.millrace.platform.runs.PausedRuns.Resumed;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The statements by which runs are taken up again. */
final class PauseQueries {
  private final Database database;

  PauseQueries(Database database) {
    this.database = database;
  }

  /** A run that may be the one that was answered. */
  private record Candidate(UUID runId, String input, @Nullable String answeredKey, boolean ours) {
    static Candidate of(ResultSet row) throws SQLException {
      return new Candidate(
          row.getObject("run_id", UUID.class),
          row.getString("input"),
          row.getString("answered_key"),
          row.getBoolean("ours"));
    }
  }

  Past past(UUID runId) {
    return database.with(handle -> {
      var ended = ended(handle, runId);
      return ended == null
          ? new Past(null, RunQueries.journal(handle, runId), null, List.of())
          : over(ended);
    });
  }

  Optional<Resumed> claim(Answer answer, UUID process) {
    return database.inTransaction(handle -> {
      var stored = endedBy(handle, answer.answerId());
      if (stored.isPresent()) {
        return stored;
      }
      for (var run : candidates(handle, answer)) {
        // The end of a run forgets the key; a process that is gone did not.
        if (run.ours() && run.answeredKey() == null) {
          var result = ended(handle, run.runId());
          if (result != null) {
            return Optional.of(new Resumed(run.runId(), object(run.input()), over(result)));
          }
        }
        var journal = RunQueries.journal(handle, run.runId());
        var key = run.ours() ? run.answeredKey() : asked(journal, answer.startNodeId());
        if (key != null) {
          take(handle, run.runId(), answer.job(), key, process);
          var past =
              new Past(
                  null,
                  journal,
                  new Past.Answer(key, answer.humanInput()),
                  told(handle, answer, run.runId()));
          return Optional.of(new Resumed(run.runId(), object(run.input()), past));
        }
      }
      return Optional.empty();
    });
  }

  private static Past over(RunResult result) {
    return new Past(result, List.of(), null, List.of());
  }

  /** Returns the key of the question that was asked last, of those that are meant. */
  private static @Nullable String asked(List<JournalEntry> journal, @Nullable String which) {
    return journal.reversed().stream()
        .filter(JournalEntry::isPaused)
        .filter(entry ->
            which == null
                || entry.record().nodeId().equals(which)
                || actionId(entry.record()).equals(which))
        .map(JournalEntry::key)
        .findFirst()
        .orElse(null);
  }

  private static String actionId(NodeRecord record) {
    return record.data().path("output").path("humanInputAction").path("id").asString("");
  }

  private static List<Candidate> candidates(Handle handle, Answer answer) {
    return handle
        .createQuery(
            """
            SELECT run_id, input, answered_key, answered_by IS NOT DISTINCT FROM :job AS ours
            FROM millrace.open_run JOIN execution ON execution.id = run_id
            WHERE "agentflowId" = :flow AND "sessionId" = :session AND input IS NOT NULL
              AND (state IN ('STOPPED', 'ERROR', 'TIMEOUT') OR answered_by = :job)
            ORDER BY ours DESC, "createdDate" DESC
            FOR UPDATE OF open_run
            """)
        .bind("job", answer.job())
        .bind("flow", answer.flowId())
        .bind("session", answer.sessionId())
        .map((row, context) -> Candidate.of(row))
        .list();
  }

  private static void take(Handle handle, UUID runId, UUID job, String key, UUID process) {
    handle
        .createUpdate(
            """
            WITH taken AS (
              UPDATE millrace.open_run
              SET answered_by = :job, answered_key = :key, owner = :process, since = now()
              WHERE run_id = :run
            )
            UPDATE execution
            SET state = 'INPROGRESS', "stoppedDate" = NULL, "updatedDate" = now()
            WHERE id = :run
            """)
        .bind("job", job)
        .bind("key", key)
        .bind("process", process)
        .bind("run", runId)
        .execute();
  }

  /** Returns the messages that earlier pauses of a run left. */
  private static List<ChatTurn> told(Handle handle, Answer answer, UUID runId) {
    return handle
        .createQuery(
            """
            SELECT role, content, "fileUploads", artifacts, "fileAnnotations", "usedTools"
            FROM chat_message
            WHERE "sessionId" = :session AND chatflowid = :flow AND "executionId" = :run
            ORDER BY "createdDate", role DESC
            """)
        .bind("session", answer.sessionId())
        .bind("flow", answer.flowId())
        .bind("run", runId)
        .map((row, context) -> RunQueries.turn(row))
        .list();
  }

  /** Returns the run whose answer is stored already. */
  private static Optional<Resumed> endedBy(Handle handle, UUID answerId) {
    var run =
        handle
            .createQuery("SELECT \"executionId\" FROM chat_message WHERE id = :id")
            .bind("id", answerId)
            .mapTo(UUID.class)
            .findOne();
    return run.flatMap(runId -> {
      var result = ended(handle, runId);
      return result == null
          ? Optional.empty()
          : Optional.of(new Resumed(runId, JsonNodeFactory.instance.objectNode(), over(result)));
    });
  }

  private static @Nullable RunResult ended(Handle handle, UUID runId) {
    return handle
        .createQuery(
            """
            SELECT state, "executionData" FROM execution
            WHERE id = :id AND state IN ('FINISHED', 'STOPPED', 'ERROR', 'TERMINATED', 'TIMEOUT')
              AND NOT EXISTS (
                SELECT FROM millrace.open_run WHERE run_id = :id AND input IS NULL)
            """)
        .bind("id", runId)
        .map((row, context) ->
            RunResult.stored(
                RecordsJson.status(row.getString("state")),
                RecordsJson.parse(row.getString("executionData"))
                    .valueStream()
                    .map(RecordsJson::fromJson)
                    .toList()))
        .findOne()
        .orElse(null);
  }

  private static ObjectNode object(String json) {
    return RecordsJson.parseAny(json) instanceof ObjectNode object
        ? object
        : JsonNodeFactory.instance.objectNode();
  }
}
