package dev.millrace.flows.model;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The inputs of a node, read as what they mean: the editor exports "" for unset, numbers and
 * booleans as text, and arrays as JSON in text. Defaults are the editor's business: what is absent
 * is unset.
 *
 * @param values the inputs as exported; not changed
 */
public record NodeInputs(ObjectNode values) {

  /** Returns an input as it is, a missing node when it is absent. */
  public JsonNode raw(String name) {
    return values.path(name);
  }

  /** Returns a text, "" when it is unset; other scalars as JavaScript shows them. */
  public String text(String name) {
    return JsonText.of(values.path(name));
  }

  /** Tells whether a switch is on: {@code true} or {@code "true"}. */
  public boolean flag(String name) {
    JsonNode value = values.path(name);
    return value.isString() ? value.stringValue().equals("true") : !Json.isFalsy(value);
  }

  /** Returns a number, empty when it is unset or none. */
  public OptionalDouble number(String name) {
    JsonNode value = values.path(name);
    if (value.isNumber()) {
      return OptionalDouble.of(value.doubleValue());
    }
    try {
      return value.isString()
          ? OptionalDouble.of(Double.parseDouble(value.stringValue().trim()))
          : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }

  /**
   * Returns the objects of an array, which may be JSON in text; an empty list when it is unset.
   *
   * @throws FlowFormatException when it is something else; the message names the input
   */
  public List<ObjectNode> rows(String name) {
    var rows = new ArrayList<ObjectNode>();
    for (JsonNode item : list(name)) {
      if (item instanceof ObjectNode row) {
        rows.add(row);
      }
    }
    return rows;
  }

  /**
   * Returns a nested configuration, an empty object when it is unset.
   *
   * @throws FlowFormatException when it is a text that is no JSON
   */
  public ObjectNode object(String name) {
    JsonNode value = values.path(name);
    if (value.isString() && !value.stringValue().isBlank()) {
      value = tree(name, value.stringValue());
    }
    return value instanceof ObjectNode object ? object : Json.object();
  }

  private JsonNode list(String name) {
    JsonNode value = values.path(name);
    if (value.isString() && !value.stringValue().isBlank()) {
      value = tree(name, value.stringValue());
    }
    if (!value.isArray() && !Json.isFalsy(value) && !(value.isObject() && value.isEmpty())) {
      throw new FlowFormatException("The input " + name + " is no list.", null);
    }
    return value.isArray() ? value : Json.array();
  }

  private static JsonNode tree(String name, String text) {
    try {
      return Json.read(text);
    } catch (JacksonException e) {
      throw new FlowFormatException(
          "The input " + name + " is no valid JSON: " + e.getOriginalMessage() + ".", e);
    }
  }
}
