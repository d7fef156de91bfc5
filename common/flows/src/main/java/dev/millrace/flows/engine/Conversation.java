package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Messages as JSON, with their members in the order in which Flowise writes them. */
public final class Conversation {
  /** Where a row has the file itself. */
  private static final List<String> BYTES = List.of("data", "filePath");

  private Conversation() {}

  /** Returns messages of this run: {@code role, content, name?}. */
  public static ArrayNode said(List<ChatTurn> turns) {
    var array = Json.array();
    turns.forEach(turn -> array.add(said(turn)));
    return array;
  }

  /** Returns messages of this run as a record shows them: without the bytes of files. */
  static ArrayNode shown(List<ChatTurn> turns) {
    var array = said(turns);
    for (JsonNode turn : array) {
      if (turn.get("additional_kwargs") instanceof ObjectNode extra) {
        ((ObjectNode) turn).set("additional_kwargs", withoutBytes(extra));
      }
    }
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
    withRest(json, turn);
    if (turn.extra() != null) {
      json.set("additional_kwargs", withoutBytes(turn.extra()));
    }
    return json;
  }

  /** Every record of a run shows its messages; files within them would be there again and again. */
  private static ObjectNode withoutBytes(ObjectNode extra) {
    ObjectNode lean = extra;
    for (String member : List.of("fileUploads", "artifacts", "fileAnnotations")) {
      if (extra.get(member) instanceof ArrayNode rows
          && rows.valueStream().anyMatch(Conversation::isFile)) {
        var named = Json.array();
        for (JsonNode row : rows) {
          named.add(isFile(row) ? Json.shallowCopy((ObjectNode) row).without(BYTES) : row);
        }
        lean = Json.shallowCopy(lean);
        lean.set(member, named);
      }
    }
    return lean;
  }

  private static boolean isFile(JsonNode row) {
    return row.isObject()
        && BYTES.stream().anyMatch(member -> row.path(member).asString("").startsWith("data:"));
  }

  /** Reads a message again; of its pictures only what they are called. */
  static ChatTurn turn(JsonNode json) {
    var content = json.path("content");
    var text = new StringBuilder(content.asString(""));
    var images = new ArrayList<ChatTurn.Image>();
    for (JsonNode part : content) {
      if (part.path("type").asString("").equals("text")) {
        text.append(part.path("text").asString(""));
      } else {
        var name = part.path("name").asString("");
        images.add(new ChatTurn.Image(name, part.path("mime").asString(""), ""));
      }
    }
    return new ChatTurn(
        json.path("role").asString(""),
        text.toString(),
        json.path("name").isString() ? json.path("name").stringValue() : null,
        json.path("additional_kwargs") instanceof ObjectNode extra ? extra : null,
        false,
        images);
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
