package dev.millrace.server.dashboard;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Hides the values of keys, also inside of texts that are JSON themselves, and puts them back where
 * somebody edited around them. Immutable.
 */
final class Redaction {
  static final String MASK = "***";

  /** JSON in JSON in JSON … has an end. */
  private static final int DEEPEST_TEXT = 4;

  private final JsonMapper json;
  private final @Nullable Pattern keys;

  /**
   * @param patterns keys, {@code *} standing for any text, in any case
   */
  Redaction(List<String> patterns, JsonMapper json) {
    this.json = json;
    keys =
        patterns.isEmpty()
            ? null
            : Pattern.compile(
                patterns.stream()
                    .map(p ->
                        Pattern.compile("\\*")
                            .splitAsStream(p.toLowerCase(Locale.ROOT))
                            .map(Pattern::quote)
                            .collect(Collectors.joining(".*", "", p.endsWith("*") ? ".*" : "")))
                    .collect(Collectors.joining("|")));
  }

  /**
   * Returns a stored text as JSON that may be shown: what is no JSON becomes a text.
   *
   * @param stored whatever somebody stored
   */
  String show(String stored) {
    try {
      if (!mustHide(stored)) {
        return stored;
      }
      var tree = json.readTree(stored);
      var shown = hide(tree, 0);
      return shown.equals(tree) ? stored : shown.toString();
    } catch (JacksonException e) {
      return StringNode.valueOf(stored).toString();
    }
  }

  /**
   * Returns the data to store when somebody sent a changed copy of what was shown: what was hidden
   * stays what it is.
   *
   * @throws BoardError when something hidden would be stored as its mask
   */
  JsonNode restore(JsonNode sent, String stored) {
    JsonNode restored;
    try {
      restored = restore(sent, json.readTree(stored));
    } catch (JacksonException e) {
      restored = sent;
    }
    requireUnmasked(restored);
    return restored;
  }

  /**
   * @throws BoardError when the data hold a mask instead of a value
   */
  void requireUnmasked(JsonNode data) {
    if (keys != null && holdsMask(data)) {
      throw BoardError.invalidBody("data")
          .details(
              "A hidden value (" + MASK + ") cannot be stored: write the value, or remove its key");
    }
  }

  /** Reads all of the text, so that what is passed on is known to be one JSON value. */
  private boolean mustHide(String text) {
    var found = false;
    var values = 0;
    try (var parser = json.createParser(text)) {
      var depth = 0;
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isStructEnd()) {
          depth--;
          continue;
        }
        values += depth == 0 ? 1 : 0;
        depth += token.isStructStart() ? 1 : 0;
        found = found || (keys != null && isSuspect(parser, token));
      }
    }
    if (values != 1) {
      throw new NotOneValueException();
    }
    return found;
  }

  private boolean isSuspect(JsonParser parser, JsonToken token) {
    return token == JsonToken.PROPERTY_NAME
        ? matches(parser.currentName())
        : token == JsonToken.VALUE_STRING && looksLikeJson(parser.getString());
  }

  private static final class NotOneValueException extends JacksonException {
    private static final long serialVersionUID = 1L;

    NotOneValueException() {
      super("not one JSON value");
    }
  }

  private JsonNode hide(JsonNode node, int textDepth) {
    return switch (node) {
      case ObjectNode object -> hide(object, textDepth);
      case ArrayNode array -> {
        var shown = json.createArrayNode();
        array.forEach(element -> shown.add(hide(element, textDepth)));
        yield shown;
      }
      case StringNode text -> hideInText(text, textDepth);
      default -> node;
    };
  }

  private JsonNode hide(ObjectNode object, int textDepth) {
    var shown = json.createObjectNode();
    for (var entry : object.properties()) {
      var hidden = matches(entry.getKey()) && !isEmpty(entry.getValue());
      shown.set(
          entry.getKey(), hidden ? StringNode.valueOf(MASK) : hide(entry.getValue(), textDepth));
    }
    return shown;
  }

  private JsonNode hideInText(StringNode node, int textDepth) {
    var text = node.stringValue();
    if (textDepth >= DEEPEST_TEXT || !looksLikeJson(text)) {
      return node;
    }
    try {
      var inner = json.readTree(text);
      var shown = hide(inner, textDepth + 1);
      // Written anew only if it must be: its own spaces are its own.
      return shown.equals(inner) ? node : StringNode.valueOf(shown.toString());
    } catch (JacksonException e) {
      return node;
    }
  }

  private JsonNode restore(JsonNode sent, JsonNode stored) {
    if (sent.equals(stored) || sent.equals(hide(stored, 0))) {
      return stored;
    }
    if (sent instanceof ObjectNode object && stored instanceof ObjectNode before) {
      var restored = json.createObjectNode();
      for (var entry : object.properties()) {
        var old = before.get(entry.getKey());
        var value = entry.getValue();
        var masked = matches(entry.getKey()) && isMask(value) && old != null;
        restored.set(entry.getKey(), old == null ? value : masked ? old : restore(value, old));
      }
      return restored;
    }
    if (sent instanceof ArrayNode array
        && stored instanceof ArrayNode before
        && array.size() == before.size()) {
      var restored = json.createArrayNode();
      for (var i = 0; i < array.size(); i++) {
        restored.add(restore(array.get(i), before.get(i)));
      }
      return restored;
    }
    return sent;
  }

  private boolean holdsMask(JsonNode node) {
    return switch (node) {
      case ObjectNode object ->
          object.properties().stream()
              .anyMatch(entry ->
                  (matches(entry.getKey()) && isMask(entry.getValue()))
                      || holdsMask(entry.getValue()));
      case ArrayNode array -> array.valueStream().anyMatch(this::holdsMask);
      case StringNode text -> looksLikeJson(text.stringValue()) && textHoldsMask(text);
      default -> false;
    };
  }

  private boolean textHoldsMask(StringNode text) {
    try {
      return holdsMask(json.readTree(text.stringValue()));
    } catch (JacksonException e) {
      return false;
    }
  }

  private boolean matches(String key) {
    return keys != null && keys.matcher(key.toLowerCase(Locale.ROOT)).matches();
  }

  private static boolean isMask(JsonNode node) {
    return node.isString() && node.stringValue().equals(MASK);
  }

  /** There is nothing to hide in nothing, and it helps to see that it is missing. */
  private static boolean isEmpty(JsonNode node) {
    return node.isNull() || (node.isString() && node.stringValue().isEmpty());
  }

  private static boolean looksLikeJson(String text) {
    var start = text.stripLeading();
    return start.length() > 2 && (start.charAt(0) == '{' || start.charAt(0) == '[');
  }
}
