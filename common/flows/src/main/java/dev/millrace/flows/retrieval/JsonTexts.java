package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The texts of a JSON file: every string in it, or those behind {@code pointersName}; with {@code
 * separateByObject} each object of its array as it is.
 */
final class JsonTexts {
  private JsonTexts() {}

  static List<Piece> of(DocumentFile file, ObjectNode about, ObjectNode config) {
    JsonNode content;
    try {
      content = Json.read(file.text());
    } catch (JacksonException e) {
      throw new FlowException(
          "The file " + file.name() + " is not JSON: " + e.getOriginalMessage() + ".", e);
    }
    var texts = new ArrayList<String>();
    if (config.path("separateByObject").asBoolean(false)) {
      if (content.isArray()) {
        content.forEach(item -> texts.add(JsonText.of(item)));
      } else {
        texts.add(JsonText.of(content));
      }
    } else {
      collect(content, "", pointers(config), texts);
    }
    var pieces = new ArrayList<Piece>();
    for (String text : texts) {
      pieces.add(new Piece(text, about.deepCopy().put("line", pieces.size() + 1), null));
    }
    return pieces;
  }

  private static List<String> pointers(ObjectNode config) {
    return Arrays.stream(JsonText.of(config.path("pointersName")).split(",", -1))
        .map(String::strip)
        .filter(pointer -> !pointer.isEmpty())
        .toList();
  }

  /**
   * Collects the strings behind the pointers that are still to be met; all when there are none. A
   * pointer is a path ({@code /items/title}, where arrays are no step) or the name of a member at
   * any depth.
   */
  private static void collect(
      JsonNode value, String path, List<String> pointers, List<String> texts) {
    if (value.isString() && pointers.isEmpty()) {
      texts.add(value.stringValue());
    } else if (value.isArray()) {
      value.forEach(item -> collect(item, path, pointers, texts));
    } else if (value.isObject()) {
      for (var member : value.properties()) {
        String at = path + "/" + member.getKey();
        boolean met = pointers.contains(member.getKey()) || pointers.contains(at);
        collect(member.getValue(), at, met ? List.of() : pointers, texts);
      }
    }
  }
}
