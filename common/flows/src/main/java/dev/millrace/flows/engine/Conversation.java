package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Messages as JSON, with their members in the order in which Flowise writes them. */
public final class Conversation {
  private Conversation() {}

  /** Returns messages of this run: {@code role, content, name?}. */
  public static ArrayNode said(List<ChatTurn> turns) {
    var array = Json.array();
    turns.forEach(turn -> array.add(said(turn)));
    return array;
  }

  /** Returns messages of earlier runs: {@code content, role, additional_kwargs?}. */
  public static ArrayNode stored(List<ChatTurn> turns) {
    var array = Json.array();
    turns.forEach(turn -> array.add(stored(turn)));
    return array;
  }

  /** Returns a message of this run. */
  public static ObjectNode said(ChatTurn turn) {
    if (turn.stored()) {
      return stored(turn);
    }
    var json = Json.object().put("role", turn.role());
    if (turn.images().isEmpty()) {
      json.put("content", turn.content());
    } else {
      json.set("content", parts(turn));
    }
    return withRest(json, turn);
  }

  /** Returns a message of an earlier run. */
  public static ObjectNode stored(ChatTurn turn) {
    var json = Json.object().put("content", turn.content()).put("role", turn.role());
    return withRest(json, turn);
  }

  /** Reads a message again. */
  static ChatTurn turn(JsonNode json) {
    return new ChatTurn(
        json.path("role").asString(""),
        json.path("content").asString(""),
        json.path("name").isString() ? json.path("name").stringValue() : null,
        json.path("additional_kwargs") instanceof ObjectNode extra ? extra : null);
  }

  /** A picture is shown as the file it came from: its bytes have no place in a record. */
  private static ArrayNode parts(ChatTurn turn) {
    var parts = Json.array();
    for (ChatTurn.Image image : turn.images()) {
      parts.add(
          Json.object()
              .put("type", "stored-file")
              .put("name", image.name())
              .put("mime", image.mime()));
    }
    if (!turn.content().isEmpty()) {
      parts.add(Json.object().put("type", "text").put("text", turn.content()));
    }
    return parts;
  }

  private static ObjectNode withRest(ObjectNode json, ChatTurn turn) {
    if (turn.name() != null) {
      json.put("name", turn.name());
    }
    if (turn.extra() != null) {
      json.set("additional_kwargs", turn.extra());
    }
    return json;
  }
}
