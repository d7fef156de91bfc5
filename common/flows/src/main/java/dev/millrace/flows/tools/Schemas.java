package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON Schemas of tools' arguments. */
final class Schemas {
  private Schemas() {}

  /** Returns the schema of an object without members. */
  static ObjectNode empty() {
    return object(Json.object(), List.of());
  }

  /** Returns the schema of an object with one text. */
  static ObjectNode text(String name, String description) {
    ObjectNode properties = Json.object();
    properties.set(name, type("string", description));
    return object(properties, List.of(name));
  }

  static ObjectNode type(String type, String description) {
    ObjectNode schema = Json.object().put("type", type);
    return description.isEmpty() ? schema : schema.put("description", description);
  }

  static ObjectNode object(ObjectNode properties, List<String> required) {
    ObjectNode object = Json.object().put("type", "object");
    object.set("properties", properties);
    var names = Json.array();
    required.forEach(names::add);
    object.set("required", names);
    return object.put("additionalProperties", false);
  }

  /** Returns the schema of an object of which nothing is known. */
  static ObjectNode any(String description) {
    return type("object", description).put("additionalProperties", true);
  }

  /**
   * Returns the schema that Flowise's users write: a map from a name to {@code {type, description,
   * required}}.
   */
  static ObjectNode of(ObjectNode fields) {
    ObjectNode properties = Json.object();
    var required = new java.util.ArrayList<String>();
    for (var field : fields.properties()) {
      JsonNode definition = field.getValue();
      properties.set(field.getKey(), field(definition));
      if (definition.path("required").asBoolean(false)) {
        required.add(field.getKey());
      }
    }
    return object(properties, required);
  }

  private static ObjectNode field(JsonNode definition) {
    String type =
        switch (definition.path("type").asString("string")) {
          case "number", "integer", "boolean", "object", "array" ->
              definition.path("type").asString();
          default -> "string"; // dates, too, travel as text
        };
    ObjectNode field = type(type, definition.path("description").asString(""));
    for (String member : List.of("enum", "items", "properties")) {
      if (definition.path(member).isContainer()) {
        field.set(member, definition.path(member));
      }
    }
    return field;
  }
}
