package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** The arguments of a request, by their place. Null and what is not given are the same: absent. */
record BridgeArgs(JsonNode list) {
  /** Returns an argument; a missing node if it is absent. */
  JsonNode at(int place) {
    var value = list.path(place);
    return value.isNull() ? MissingNode.getInstance() : value;
  }

  boolean has(int place) {
    return !at(place).isMissingNode();
  }

  /**
   * Returns an argument as text; numbers as they are written.
   *
   * @throws IllegalArgumentException when it is absent
   */
  String text(int place) {
    var value = at(place);
    if (value.isMissingNode()) {
      throw new IllegalArgumentException("argument %d is missing".formatted(place + 1));
    }
    return text(value);
  }

  String text(int place, String otherwise) {
    return has(place) ? text(place) : otherwise;
  }

  long number(int place, long otherwise) {
    return number(at(place), otherwise);
  }

  boolean flag(int place) {
    return flag(at(place));
  }

  /** Returns the elements of an argument that is a list; of any other, itself. */
  List<String> texts(int place) {
    var texts = new ArrayList<String>();
    var value = at(place);
    if (value.isArray()) {
      value.forEach(element -> texts.add(text(element)));
    } else if (has(place)) {
      texts.add(text(value));
    }
    return texts;
  }

  static String text(JsonNode value) {
    return value.isString() ? value.stringValue() : Json.write(value);
  }

  /** Returns a field as text; empty if it is absent. */
  static String field(JsonNode object, String name) {
    var value = object.path(name);
    return value.isMissingNode() || value.isNull() ? "" : text(value);
  }

  static long number(JsonNode value, long otherwise) {
    return switch (value.getNodeType()) {
      case NUMBER -> (long) value.doubleValue();
      case STRING -> (long) Double.parseDouble(value.stringValue());
      default -> otherwise;
    };
  }

  /** As JavaScript sees it: absent, false, 0 and "" are false. */
  static boolean flag(JsonNode value) {
    return switch (value.getNodeType()) {
      case BOOLEAN -> value.booleanValue();
      case NUMBER -> value.doubleValue() != 0;
      case STRING -> !value.stringValue().isEmpty();
      case NULL, MISSING -> false;
      default -> true;
    };
  }

  static JsonNode json(@Nullable String text) {
    return Json.tree(text == null ? "null" : Json.quote(text));
  }

  static JsonNode json(long number) {
    return Json.tree(Long.toString(number));
  }

  static JsonNode json(boolean flag) {
    return Json.tree(Boolean.toString(flag));
  }

  /** Returns what Redis replied, lists as arrays. */
  static JsonNode json(List<?> values) {
    var array = Json.array();
    for (var value : values) {
      switch (value) {
        case null -> array.addNull();
        case List<?> nested -> array.add(json(nested));
        case Long number -> array.add(number);
        default -> array.add(value.toString());
      }
    }
    return array;
  }

  static JsonNode json(java.util.Map<String, String> map) {
    var object = Json.object();
    map.forEach(object::put);
    return object;
  }
}
