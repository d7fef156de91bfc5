package dev.millrace.platform.events;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The message of one event on the channel of its chat.
 *
 * <p>Flowise's workers publish {@code {"chatId","eventType","data"[,"duration"]}} on the channel
 * that is the chatId. Ours add {@code runId}, which Flowise's servers ignore: two runs of one chat
 * share a channel, and by it each stream takes only what is its own.
 *
 * @param chatId the chat it belongs to
 * @param runId the run it belongs to; null when a Flowise worker published it
 * @param event the event
 */
record EventMessage(String chatId, @Nullable UUID runId, StreamEvent event) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Renders the message. */
  String toJson() {
    var out = new StringBuilder(event.dataJson().length() + 128);
    out.append("{\"chatId\":").append(StreamEvent.quote(chatId));
    out.append(",\"eventType\":").append(StreamEvent.quote(event.name()));
    out.append(",\"data\":").append(event.dataJson());
    if (event.duration() != null) {
      out.append(",\"duration\":").append(event.duration());
    }
    if (runId != null) {
      out.append(",\"runId\":\"").append(runId).append('"');
    }
    return out.append('}').toString();
  }

  /**
   * Reads a message; the payload is taken over as it stands, unparsed.
   *
   * @return null when it is none: no JSON object, or without chatId or eventType
   */
  static @Nullable EventMessage parse(String json) {
    String chatId = null;
    String name = null;
    String data = "null";
    String duration = null;
    UUID runId = null;
    try (var parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      for (var field = parser.nextName(); field != null; field = parser.nextName()) {
        parser.nextToken();
        switch (field) {
          case "chatId" -> chatId = parser.getValueAsString();
          case "eventType" -> name = parser.getValueAsString();
          case "runId" -> runId = UUID.fromString(parser.getValueAsString());
          case "data" -> data = slice(parser, json);
          case "duration" -> duration = slice(parser, json);
          default -> parser.skipChildren();
        }
      }
    } catch (JacksonException | IllegalArgumentException e) {
      return null;
    }
    return chatId == null || name == null
        ? null
        : new EventMessage(chatId, runId, new StreamEvent(name, data, duration));
  }

  private static String slice(JsonParser parser, String json) {
    var start = (int) parser.currentTokenLocation().getCharOffset();
    parser.skipChildren();
    // A lazily read text token ends only when it is asked for.
    parser.getString();
    return json.substring(start, (int) parser.currentLocation().getCharOffset());
  }
}
