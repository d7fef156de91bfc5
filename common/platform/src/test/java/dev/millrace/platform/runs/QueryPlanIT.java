package dev.millrace.platform.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Flowise reads every execution of the workspace for each prediction; this must not. */
class QueryPlanIT {
  private final String flow = UUID.randomUUID().toString();

  @Test
  void readsAFewRowsOfAHundredThousand() {
    try (var database = TestDatabase.migrated()) {
      fill(database);

      assertThat(plan(database, RunQueries.PREVIOUS_RUN))
          .contains("millrace_execution_session")
          .doesNotContain("Seq Scan");
      assertThat(plan(database, RunQueries.HISTORY))
          .contains("millrace_chat_message_session")
          .doesNotContain("Seq Scan");
    }
  }

  private void fill(Database database) {
    database.with(handle ->
        handle.execute(
            """
            INSERT INTO execution
                ("executionData", state, "agentflowId", "sessionId", "workspaceId", "createdDate")
            SELECT '[]', 'FINISHED', ?::uuid, 'session-' || n % 20000, 'w',
                now() - n * interval '1 second'
            FROM generate_series(1, 100000) AS n
            """,
            flow));
    database.with(handle ->
        handle.execute(
            """
            INSERT INTO chat_message
                (role, chatflowid, content, "chatId", "sessionId", "createdDate")
            SELECT 'userMessage', ?::uuid, 'x', 'c', 'session-' || n % 20000,
                now() - n * interval '1 second'
            FROM generate_series(1, 100000) AS n
            """,
            flow));
    database.with(handle -> handle.execute("ANALYZE execution, chat_message"));
  }

  private String plan(Database database, String query) {
    return database.with(handle ->
        String.join(
            "\n",
            handle
                .createQuery("EXPLAIN (COSTS OFF) " + query)
                .bind("session", "session-77")
                .bind("flow", flow)
                .bind("run", java.util.UUID.randomUUID())
                .bind("limit", 1000)
                .mapTo(String.class)
                .list()));
  }
}
