package dev.millrace.platform.runs;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.GroupWriter;
import dev.millrace.platform.db.TextColumns;
import dev.millrace.platform.db.UtcColumn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Writes the entries of many runs with at most four statements, however many there are. What the
 * end of a run in the same batch makes obsolete, its beginning and its journal, is not written. All
 * of it may be written twice without harm.
 */
final class RunBatch implements GroupWriter.Batch<RunEntry> {
  private final Database database;

  RunBatch(Database database) {
    this.database = database;
  }

  @Override
  public void write(List<RunEntry> entries) {
    var started = new LinkedHashMap<UUID, RunEntry.Started>();
    var nodes = new ArrayList<RunEntry.NodeFinished>();
    var finished = new LinkedHashMap<UUID, RunEntry.Finished>();
    for (var entry : entries) {
      switch (entry) {
        case RunEntry.Started start -> started.put(start.runId(), start);
        case RunEntry.NodeFinished node -> nodes.add(node);
        case RunEntry.Finished end -> finished.put(end.runId(), end);
        case RunEntry.Flush _ -> {}
      }
    }
    started.keySet().removeAll(finished.keySet());
    nodes.removeIf(node -> isOver(finished.get(node.runId())));
    var resumed = finished.values().stream().filter(RunEntry.Finished::resumed).toList();

    var steps = new ArrayList<Step>();
    if (!started.isEmpty()) {
      steps.add(handle -> start(handle, started.values()));
    }
    if (!nodes.isEmpty()) {
      steps.add(handle -> journal(handle, nodes));
    }
    if (!resumed.isEmpty()) {
      steps.add(handle -> answerActions(handle, resumed));
    }
    if (!finished.isEmpty()) {
      steps.add(handle -> finish(handle, finished.values()));
    }
    run(steps);
  }

  private static boolean isOver(RunEntry.@Nullable Finished end) {
    return end != null && end.keptInput() == null;
  }

  @FunctionalInterface
  private interface Step {
    void run(Handle handle);
  }

  /** A single statement is a transaction by itself and saves the round trip of COMMIT. */
  private void run(List<Step> steps) {
    if (steps.size() == 1) {
      database.<Void>with(handle -> runAll(steps, handle));
    } else if (!steps.isEmpty()) {
      database.<Void>inTransaction(handle -> runAll(steps, handle));
    }
  }

  private static Void runAll(List<Step> steps, Handle handle) {
    steps.forEach(step -> step.run(handle));
    return null;
  }

  /** The row of a run that is taken up again stays what it is, a finished one stays finished. */
  private static void start(Handle handle, Collection<RunEntry.Started> runs) {
    var rows = new TextColumns();
    for (var run : runs) {
      addOwner(rows, run.runId(), run.owner()).add("process", run.process());
    }
    try (var update =
        handle.createUpdate(
            """
            WITH opened AS (
              INSERT INTO millrace.open_run (run_id, owner)
              SELECT id, process FROM unnest(:id::uuid[], :process::uuid[]) AS run (id, process)
              ON CONFLICT (run_id) DO UPDATE SET owner = excluded.owner, since = now()
            )
            INSERT INTO execution (id, "executionData", state, "agentflowId", "sessionId",
                "workspaceId", "createdDate", "updatedDate")
            SELECT id, '[]', 'INPROGRESS', flow, session, workspace, started, started
            FROM unnest(:id::uuid[], :flow::uuid[], :session::text[], :workspace::uuid[],
                :started::timestamp[]) AS run (id, flow, session, workspace, started)
            ON CONFLICT (id) DO UPDATE
            SET state = 'INPROGRESS', "stoppedDate" = NULL, "updatedDate" = now()
            WHERE execution.state <> 'FINISHED'
            """)) {
      rows.bindTo(update).execute();
    }
  }

  private static void journal(Handle handle, List<RunEntry.NodeFinished> nodes) {
    var distinct = new LinkedHashMap<List<UUID>, RunEntry.NodeFinished>();
    nodes.forEach(node -> distinct.putIfAbsent(List.of(node.runId(), node.entryId()), node));
    var rows = new TextColumns();
    for (var node : distinct.values()) {
      rows.add("run", node.runId())
          .add("entry", node.entryId())
          .add("record", node.recordJson())
          .add("meta", node.meta())
          .add("paused", node.paused());
    }
    try (var update =
        handle.createUpdate(
            """
            INSERT INTO millrace.run_journal (run_id, entry_id, record, meta, paused)
            SELECT run, entry, record, meta, paused
            FROM unnest(:run::uuid[], :entry::uuid[], :record::text[], :meta::text[],
                    :paused::boolean[])
                WITH ORDINALITY AS node (run, entry, record, meta, paused, place)
            ORDER BY place
            ON CONFLICT (run_id, entry_id) DO UPDATE
            SET record = excluded.record, meta = excluded.meta, paused = excluded.paused,
                position = DEFAULT, written = now()
            WHERE run_journal.paused
            """)) {
      rows.bindTo(update).execute();
    }
  }

  /** A question to a human that was answered is not asked again when the chat is reopened. */
  private static void answerActions(Handle handle, List<RunEntry.Finished> runs) {
    var rows = new TextColumns();
    for (var run : runs) {
      rows.add("run", run.runId())
          .add("flow", run.owner().flowId())
          .add("session", run.owner().sessionId())
          .add("answer", run.answerId());
    }
    try (var update =
        handle.createUpdate(
            """
            UPDATE chat_message SET action = NULL
            FROM unnest(:run::uuid[], :flow::uuid[], :session::text[], :answer::uuid[])
                AS resumed (run, flow, session, answer)
            WHERE chat_message."sessionId" = resumed.session
              AND chat_message.chatflowid = resumed.flow
              AND chat_message.action IS NOT NULL
              AND chat_message."executionId" = resumed.run
              AND chat_message.id <> resumed.answer
            """)) {
      rows.bindTo(update).execute();
    }
  }

  /** Execution, journal and messages in one statement: one round trip, all or nothing. */
  private static void finish(Handle handle, Collection<RunEntry.Finished> runs) {
    var rows = new TextColumns("over", "kept", "keptInput", "process");
    var messages = new ArrayList<StoredMessage>();
    for (var run : runs) {
      if (run.keptInput() == null) {
        rows.add("over", run.runId());
      } else {
        rows.add("kept", run.runId())
            .add("keptInput", run.keptInput())
            .add("process", run.process());
      }
      addOwner(rows, run.runId(), run.owner())
          .add("state", run.state())
          .add("records", run.recordsJson())
          .add("action", run.action())
          .add("ended", UtcColumn.text(run.endedAt()));
      messages.addAll(run.messages());
    }
    try (var update =
        handle.createUpdate(
            """
            WITH cleared AS (
              DELETE FROM millrace.run_journal WHERE run_id = ANY (:over::uuid[])
            ), closed AS (
              DELETE FROM millrace.open_run WHERE run_id = ANY (:over::uuid[])
            ), kept AS (
              INSERT INTO millrace.open_run (run_id, input, owner)
              SELECT * FROM unnest(:kept::uuid[], :keptInput::text[], :process::uuid[])
              ON CONFLICT (run_id) DO UPDATE
              SET input = excluded.input, answered_key = NULL
            ), ended AS (
              INSERT INTO execution (id, "executionData", state, action, "agentflowId", "sessionId",
                  "workspaceId", "createdDate", "updatedDate", "stoppedDate")
              SELECT id, records, state, action, flow, session, workspace, started, ended,
                  CASE WHEN state = 'STOPPED' THEN ended END
              FROM unnest(:id::uuid[], :records::text[], :state::text[], :action::text[],
                  :flow::uuid[], :session::text[], :workspace::uuid[], :started::timestamp[],
                  :ended::timestamp[])
                AS run (id, records, state, action, flow, session, workspace, started, ended)
              ON CONFLICT (id) DO UPDATE
              SET "executionData" = excluded."executionData", state = excluded.state,
                  action = excluded.action, "updatedDate" = excluded."updatedDate",
                  "stoppedDate" = excluded."stoppedDate"
            )
            INSERT INTO chat_message (id, role, chatflowid, "executionId", content, "chatType",
                "chatId", "sessionId", "createdDate", "leadEmail", "fileUploads",
                "sourceDocuments", "usedTools", "fileAnnotations", artifacts, "reasonContent",
                "followUpPrompts", action)
            SELECT *
            FROM unnest(:messageId::uuid[], :role::text[], :messageFlow::uuid[],
                :messageRun::uuid[], :content::text[], :chatType::text[], :chat::text[],
                :messageSession::text[], :created::timestamp[], :leadEmail::text[],
                :fileUploads::text[], :sourceDocuments::text[], :usedTools::text[],
                :fileAnnotations::text[], :artifacts::text[], :reasonContent::text[],
                :followUpPrompts::text[], :messageAction::text[])
            ON CONFLICT (id) DO NOTHING
            """)) {
      columns(messages).bindTo(rows.bindTo(update)).execute();
    }
  }

  private static TextColumns addOwner(TextColumns rows, UUID runId, RunEntry.Owner owner) {
    return rows.add("id", runId)
        .add("flow", owner.flowId())
        .add("session", owner.sessionId())
        .add("workspace", owner.workspaceId())
        .add("started", UtcColumn.text(owner.startedAt()));
  }

  private static TextColumns columns(List<StoredMessage> messages) {
    var rows =
        new TextColumns(
            "messageId",
            "role",
            "messageFlow",
            "messageRun",
            "content",
            "chatType",
            "chat",
            "messageSession",
            "created",
            "leadEmail",
            "fileUploads",
            "sourceDocuments",
            "usedTools",
            "fileAnnotations",
            "artifacts",
            "reasonContent",
            "followUpPrompts",
            "messageAction");
    for (var message : messages) {
      rows.add("messageId", message.id())
          .add("role", message.role())
          .add("messageFlow", message.flowId())
          .add("messageRun", message.executionId())
          .add("content", message.content())
          .add("chatType", message.chatType())
          .add("chat", message.chatId())
          .add("messageSession", message.sessionId())
          .add("created", UtcColumn.text(message.createdDate()))
          .add("leadEmail", message.leadEmail())
          .add("fileUploads", message.fileUploads())
          .add("sourceDocuments", message.sourceDocuments())
          .add("usedTools", message.usedTools())
          .add("fileAnnotations", message.fileAnnotations())
          .add("artifacts", message.artifacts())
          .add("reasonContent", message.reasonContent())
          .add("followUpPrompts", message.followUpPrompts())
          .add("messageAction", message.action());
    }
    return rows;
  }
}
