package dev.millrace.flows.tools;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the arguments that a model wrote, and makes them meet the schema where what was meant is
 * plain: a number in quotes, an object written as text, a text that should have been one. What
 * cannot be made to fit is told to the model, which usually does better the second time.
 */
public final class ToolArguments {
  private ToolArguments() {}

  /**
   * Reads arguments.
   *
   * @param written JSON; "" stands for none
   * @param schema of the tool
   * @throws FlowException when they are no JSON object, or cannot meet the schema; says which
   *     member
   */
  public static ObjectNode read(String written, ObjectNode schema) {
    JsonNode read = written.isBlank() ? Json.object() : LooseJson.read(written);
    if (read.isString()) { // written twice over, as some models do
      read = LooseJson.read(read.stringValue());
    }
    if (!(read instanceof ObjectNode given)) {
      throw new FlowException(
          "The arguments are not a JSON object: " + shortened(written) + ". Write one.");
    }
    return fitted(given, schema);
  }

  /** As {@link #read}, of arguments that are JSON already. */
  public static ObjectNode fitted(ObjectNode given, ObjectNode schema) {
    return object(given, schema, "");
  }

  private static ObjectNode object(ObjectNode given, JsonNode schema, String path) {
    ObjectNode fitted = Json.shallowCopy(given);
    for (var property : schema.path("properties").properties()) {
      String name = property.getKey();
      JsonNode value = given.path(name);
      if (value.isMissingNode()) {
        continue;
      }
      boolean optional = !requires(schema, name);
      if (value.isNull() && optional) {
        fitted.remove(name); // many models say null for "not given"
        continue;
      }
      fitted.set(name, value(value, property.getValue(), path + name));
    }
    for (JsonNode name : schema.path("required")) {
      if (!fitted.has(name.asString(""))) {
        throw new FlowException(
            "The argument \"" + path + name.asString("") + "\" is missing. Give it.");
      }
    }
    return fitted;
  }

  private static boolean requires(JsonNode schema, String name) {
    return schema.path("required").valueStream().anyMatch(one -> one.asString("").equals(name));
  }

  private static JsonNode value(JsonNode value, JsonNode schema, String path) {
    String type = schema.path("type").asString("");
    JsonNode fitted =
        switch (type) {
          case "string" -> value.isString() ? value : Json.text(JsonText.of(value));
          case "number" -> value.isNumber() ? value : number(JsonText.of(value), false);
          case "integer" -> value.isIntegralNumber() ? value : number(JsonText.of(value), true);
          case "boolean" -> value.isBoolean() ? value : truth(JsonText.of(value));
          case "object", "array" -> value.isString() ? LooseJson.read(value.asString()) : value;
          default -> value;
        };
    if (fitted.isMissingNode()
        || (type.equals("object") && !fitted.isObject())
        || (type.equals("array") && !fitted.isArray())) {
      throw new FlowException(
          "The argument \""
              + path
              + "\" has to be of type "
              + type
              + ", and is "
              + shortened(value.toString())
              + ". Give it again.");
    }
    if (fitted instanceof ObjectNode object) {
      return object(object, schema, path + ".");
    }
    if (fitted.isArray() && schema.path("items").isObject()) {
      var items = Json.array();
      for (JsonNode item : fitted) {
        items.add(value(item, schema.path("items"), path + "[" + items.size() + "]"));
      }
      return items;
    }
    return fitted;
  }

  private static JsonNode number(String text, boolean whole) {
    try {
      double number = Double.parseDouble(text.strip());
      boolean integral = number == Math.rint(number) && Math.abs(number) < 1e15;
      if (integral) {
        return LongNode.valueOf((long) number);
      }
      return whole || !Double.isFinite(number)
          ? MissingNode.getInstance()
          : DoubleNode.valueOf(number);
    } catch (NumberFormatException e) {
      return MissingNode.getInstance();
    }
  }

  private static JsonNode truth(String text) {
    return switch (text.strip()) {
      case "true", "1", "yes" -> BooleanNode.TRUE;
      case "false", "0", "no" -> BooleanNode.FALSE;
      default -> MissingNode.getInstance();
    };
  }

  private static String shortened(String text) {
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }
}
