package dev.millrace.platform.db;

import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Indexes that keep a prediction as fast on 100,000 executions as on ten. Flowise has none of them
 * and scans the table. They carry our names and change nothing for Flowise, so that they are
 * created on its tables too, where the role may.
 */
final class SharedIndexes {
  private static final Logger LOG = LoggerFactory.getLogger(SharedIndexes.class);

  private static final List<String> STATEMENTS =
      List.of(
          """
          CREATE INDEX IF NOT EXISTS millrace_execution_session
          ON public.execution ("sessionId", "agentflowId", "createdDate")
          """,
          """
          CREATE INDEX IF NOT EXISTS millrace_execution_flow
          ON public.execution ("agentflowId", "createdDate")
          """,
          """
          CREATE INDEX IF NOT EXISTS millrace_chat_message_session
          ON public.chat_message ("sessionId", chatflowid, "createdDate")
          """,
          """
          CREATE INDEX IF NOT EXISTS millrace_chat_message_flow
          ON public.chat_message (chatflowid, "createdDate")
          """);

  private SharedIndexes() {}

  static void create(Handle handle) {
    for (var statement : STATEMENTS) {
      try {
        handle.execute(statement);
      } catch (JdbiException e) {
        LOG.atWarn()
            .addKeyValue("statement", statement.strip())
            .setCause(e)
            .log("an index could not be created; predictions slow down as its table grows");
      }
    }
  }
}
