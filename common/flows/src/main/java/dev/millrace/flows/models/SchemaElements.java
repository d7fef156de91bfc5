package dev.millrace.flows.models;

import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNullSchema;
import dev.langchain4j.model.chat.request.json.JsonNumberSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Turns a JSON Schema into LangChain4j's own form, which every provider's module understands. */
final class SchemaElements {
  private SchemaElements() {}

  /** Returns the schema of an object, as the parameters of a function have to be. */
  static JsonObjectSchema object(JsonNode schema) {
    var builder =
        JsonObjectSchema.builder()
            .addProperties(elements(schema.path("properties")))
            .required(strings(schema.path("required")));
    var description = description(schema);
    if (description != null) {
      builder.description(description);
    }
    if (schema.path("additionalProperties").isBoolean()) {
      builder.additionalProperties(schema.path("additionalProperties").asBoolean());
    }
    if (schema.path("$defs").isObject()) {
      builder.definitions(elements(schema.path("$defs")));
    }
    return builder.build();
  }

  private static JsonSchemaElement element(JsonNode schema) {
    if (schema.path("$ref").isString()) {
      var reference = schema.path("$ref").asString();
      return JsonReferenceSchema.builder()
          .reference(reference.substring(reference.lastIndexOf('/') + 1))
          .build();
    }
    if (schema.path("anyOf").isArray()) {
      return JsonAnyOfSchema.builder()
          .description(description(schema))
          .anyOf(schema.path("anyOf").valueStream().map(SchemaElements::element).toList())
          .build();
    }
    if (schema.path("enum").isArray()) {
      return JsonEnumSchema.builder()
          .description(description(schema))
          .enumValues(strings(schema.path("enum")))
          .build();
    }
    var description = description(schema);
    return switch (schema.path("type").asString("")) {
      case "object" -> object(schema);
      case "array" -> array(schema);
      case "string" -> JsonStringSchema.builder().description(description).build();
      case "integer" -> JsonIntegerSchema.builder().description(description).build();
      case "number" -> JsonNumberSchema.builder().description(description).build();
      case "boolean" -> JsonBooleanSchema.builder().description(description).build();
      case "null" -> new JsonNullSchema();
      default -> JsonRawSchema.from(schema.toString());
    };
  }

  private static JsonSchemaElement array(JsonNode schema) {
    var builder = JsonArraySchema.builder().description(description(schema));
    if (schema.path("items").isObject()) {
      builder.items(element(schema.path("items")));
    }
    return builder.build();
  }

  private static Map<String, JsonSchemaElement> elements(JsonNode properties) {
    var elements = new LinkedHashMap<String, JsonSchemaElement>();
    properties.properties().forEach(p -> elements.put(p.getKey(), element(p.getValue())));
    return elements;
  }

  private static List<String> strings(JsonNode array) {
    return array.valueStream().map(node -> node.asString()).toList();
  }

  private static @Nullable String description(JsonNode schema) {
    return schema.path("description").isString() ? schema.path("description").asString() : null;
  }
}
