package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns the rows of a structured output into a JSON Schema (§4.2). */
final class StructuredOutput {
  private StructuredOutput() {}

  /** Returns the schema of an object with one member for each row. */
  static ObjectNode schema(List<ObjectNode> rows) {
    ObjectNode properties = Json.object();
    for (ObjectNode row : rows) {
      String key = row.path("key").asString("");
      if (!key.isEmpty()) {
        properties.set(key, field(row));
      }
    }
    return object(properties, List.copyOf(properties.propertyNames()));
  }

  /**
   * Returns what the model filled in.
   *
   * @throws FlowException when it answered with something else
   */
  static ObjectNode of(ChatModels.Answer answer, NodeContext context, ModelInputs inputs) {
    ObjectNode structured = answer.structured();
    if (structured != null) {
      return structured;
    }
    if (LenientJson.readOrMissing(answer.text()) instanceof ObjectNode object) {
      return object;
    }
    throw new FlowException(
        "the model of node "
            + context.node().title()
            + " did not answer in the form that "
            + inputs.name("StructuredOutput")
            + " asks for: choose a model that can call functions, or describe the fields more"
            + " clearly");
  }

  private static ObjectNode field(ObjectNode row) {
    ObjectNode field =
        switch (row.path("type").asString("")) {
          case "number" -> type("number");
          case "boolean" -> type("boolean");
          case "stringArray" -> array(type("string"));
          case "enum" -> choice(row.path("enumValues").asString(""));
          case "jsonArray" -> array(item(row.path("jsonSchema").asString("")));
          default -> type("string");
        };
    String description = row.path("description").asString("");
    return description.isEmpty() ? field : field.put("description", description);
  }

  private static ObjectNode choice(String values) {
    var choices = Json.array();
    Arrays.stream(values.split(",", -1))
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .forEach(choices::add);
    ObjectNode field = type("string");
    field.set("enum", choices.isEmpty() ? choices.add("default") : choices);
    return field;
  }

  /** Reads the schema of an array's items; what is no JSON stands for any object. */
  private static ObjectNode item(String text) {
    return LenientJson.readOrMissing(text) instanceof ObjectNode given && !given.isEmpty()
        ? schemaOrProperties(given)
        : type("object");
  }

  /** People write either a map of properties or a real JSON Schema; both are understood. */
  private static ObjectNode schemaOrProperties(ObjectNode given) {
    return given.path("type").isString() ? property(given) : properties(given);
  }

  private static ObjectNode properties(ObjectNode given) {
    ObjectNode properties = Json.object();
    var required = new ArrayList<String>();
    for (var entry : given.properties()) {
      if (entry.getValue() instanceof ObjectNode definition) {
        properties.set(entry.getKey(), property(definition));
        if (!definition.path("optional").asBoolean(false)) {
          required.add(entry.getKey());
        }
      }
    }
    return object(properties, required);
  }

  private static ObjectNode property(ObjectNode definition) {
    ObjectNode property =
        switch (definition.path("type").asString("string")) {
          case "number", "integer" -> type(definition.path("type").asString("number"));
          case "boolean" -> type("boolean");
          case "array" ->
              array(
                  definition.get("items") instanceof ObjectNode items
                      ? schemaOrProperties(items)
                      : type("string"));
          case "object" ->
              definition.get("properties") instanceof ObjectNode nested
                  ? properties(nested)
                  : type("object");
          default -> type("string");
        };
    JsonNode choices = definition.path("enum");
    if (choices.isArray()) {
      property.set("enum", choices);
    }
    String description = definition.path("description").asString("");
    return description.isEmpty() ? property : property.put("description", description);
  }

  private static ObjectNode type(String type) {
    return Json.object().put("type", type);
  }

  private static ObjectNode array(ObjectNode items) {
    ObjectNode array = type("array");
    array.set("items", items);
    return array;
  }

  private static ObjectNode object(ObjectNode properties, List<String> required) {
    ObjectNode object = type("object");
    object.set("properties", properties);
    var names = Json.array();
    required.forEach(names::add);
    object.set("required", names);
    return object.put("additionalProperties", false);
  }
}
