package dev.millrace.flows.model;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** The few things everybody here does with JSON trees. Thread-safe. */
public final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  public static JsonNode text(String value) {
    return JsonNodeFactory.instance.stringNode(value);
  }

  /** Reads JSON; a missing node when the text is none. */
  public static JsonNode readOrMissing(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }

  /**
   * Reads JSON.
   *
   * @throws JacksonException when the text is none; its message says where
   */
  public static JsonNode read(String text) {
    return MAPPER.readTree(text);
  }

  /** Writes without white space. */
  public static String write(JsonNode value) {
    return value.toString();
  }

  /** Writes with an indentation of two blanks, as JavaScript does. */
  public static String pretty(JsonNode value) {
    return JsonText.pretty(value);
  }

  /** Returns a copy of an object that shares its values, to be changed member by member. */
  public static ObjectNode shallowCopy(ObjectNode value) {
    return object().setAll(value);
  }

  /** Tells what JavaScript takes for false: absent, null, "", 0, NaN and false. */
  public static boolean isFalsy(@Nullable JsonNode value) {
    if (value == null || value.isMissingNode() || value.isNull()) {
      return true;
    }
    if (value.isString()) {
      return value.stringValue().isEmpty();
    }
    if (value.isNumber()) {
      double number = value.doubleValue();
      return number == 0 || Double.isNaN(number);
    }
    return value.isBoolean() && !value.booleanValue();
  }
}
