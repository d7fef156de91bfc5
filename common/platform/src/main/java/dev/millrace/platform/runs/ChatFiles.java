package dev.millrace.platform.runs;

import dev.millrace.flows.model.DataUri;
import dev.millrace.platform.db.Database;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The files that the messages of a conversation hold: what its user uploaded, and what models made.
 * Thread-safe.
 */
public final class ChatFiles {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** The newest messages that name the file; that is the first of them unless a name returns. */
  private static final String FIND =
      """
      SELECT "fileAnnotations", artifacts, "fileUploads" FROM chat_message
      WHERE chatflowid::text = :flow AND "chatId" = :chat
        AND (strpos("fileAnnotations", :name) > 0 OR strpos(artifacts, :name) > 0
          OR strpos("fileUploads", :name) > 0)
      ORDER BY "createdDate" DESC LIMIT 5
      """;

  private final Database database;

  public ChatFiles(Database database) {
    this.database = database;
  }

  /**
   * A file.
   *
   * @param mediaType as whoever made it said, which need not be true
   */
  public record ChatFile(String name, String mediaType, byte[] content) {}

  /** Returns the newest file of a name in a conversation with a flow. */
  public Optional<ChatFile> find(String flowId, String chatId, String name) {
    var quoted = JSON.writeValueAsString(name);
    var messages =
        database.with(handle ->
            handle
                .createQuery(FIND)
                .bind("flow", flowId)
                .bind("chat", chatId)
                .bind("name", quoted)
                .map((row, context) ->
                    List.of(text(row.getString(1)), text(row.getString(2)), text(row.getString(3))))
                .list());
    return messages.stream()
        .flatMap(List::stream)
        .flatMap(column -> rows(column).valueStream())
        .filter(row -> name(row).equals(name))
        .flatMap(row -> file(name, row).stream())
        .findFirst();
  }

  private static String text(@Nullable String column) {
    return column == null ? "" : column;
  }

  private static JsonNode rows(String column) {
    try {
      return column.isEmpty() ? JSON.createArrayNode() : JSON.readTree(column);
    } catch (JacksonException e) {
      return JSON.createArrayNode(); // another program wrote it
    }
  }

  private static String name(JsonNode row) {
    return row.path("name").asString(row.path("fileName").asString(""));
  }

  private static Optional<ChatFile> file(String name, JsonNode row) {
    return DataUri.read(row.path("data").asString(row.path("filePath").asString("")))
        .map(file -> new ChatFile(name, file.type(), file.content()));
  }
}
