package dev.millrace.platform.db;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** The tables and columns of Flowise that Millrace reads and writes (Flowise 3.1's names). */
final class FlowiseSchema {
  /** One table per line, its columns behind it. */
  private static final String USED =
      """
      organization id name createdDate
      workspace id name organizationId createdDate
      chat_flow id name flowData deployed isPublic apikeyid chatbotConfig apiConfig analytic \
      speechToText textToSpeech followUpPrompts category type mcpServerConfig \
      webhookSecretConfigured workspaceId createdDate updatedDate
      chat_message id role chatflowid executionId content sourceDocuments usedTools \
      fileAnnotations reasonContent fileUploads artifacts action followUpPrompts chatType chatId \
      sessionId leadEmail createdDate
      chat_message_feedback id chatflowid
      upsert_history id chatflowid
      lead id chatflowid
      execution id executionData action state agentflowId sessionId isPublic workspaceId \
      createdDate updatedDate stoppedDate
      credential id name credentialName encryptedData workspaceId createdDate updatedDate
      variable id name value type workspaceId
      apikey id apiKey apiSecret keyName permissions workspaceId updatedDate
      """;

  private FlowiseSchema() {}

  /** Tells whether Flowise made the tables: TypeORM leaves the list of its migrations behind. */
  static boolean isPresent(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT count(*) = 2 FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name = 'migrations'
              AND column_name IN ('timestamp', 'name')
            """)
        .mapTo(Boolean.class)
        .one();
  }

  /**
   * Checks that what Millrace uses is there.
   *
   * @throws SchemaException naming every missing column
   */
  static void check(Handle handle) {
    Set<String> present =
        new HashSet<>(
            handle
                .createQuery(
                    """
                    SELECT table_name || '.' || column_name FROM information_schema.columns
                    WHERE table_schema = 'public'
                    """)
                .mapTo(String.class)
                .list());
    var missing = new TreeSet<String>();
    for (var line : USED.lines().toList()) {
      var words = List.of(line.split(" "));
      words.stream().skip(1).forEach(column -> missing.add(words.getFirst() + "." + column));
    }
    missing.removeAll(present);
    if (!missing.isEmpty()) {
      throw new SchemaException(
          "this database belongs to a Flowise whose tables lack "
              + String.join(", ", missing)
              + "; start Flowise 3.1 or newer on it once, so that it migrates them, or give"
              + " Millrace a database of its own (DATABASE_NAME)");
    }
  }
}
