package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the schemas that Flowise's users write as calls of Zod, {@code z.object({a: z.string()})},
 * into JSON Schema. It reads them, it does not run them: only calls of {@code z} and literals are
 * understood.
 */
final class ZodSchema {
  private static final int DEEPEST = 20;

  /** What bounds a value or words its refusal; a model does as well without. */
  private static final Set<String> IGNORED =
      Set.of(
          "strict",
          "strip",
          "passthrough",
          "trim",
          "nonempty",
          "email",
          "url",
          "uuid",
          "regex",
          "datetime",
          "positive",
          "negative",
          "nonnegative",
          "nonpositive",
          "finite",
          "safe",
          "readonly",
          "length",
          "catch",
          "brand",
          "toLowerCase",
          "toUpperCase");

  private final String text;
  private int at;

  private ZodSchema(String text) {
    this.text = text;
  }

  /**
   * Reads a schema.
   *
   * @return the schema of an object
   * @throws IllegalArgumentException when it is none; the message says where
   */
  static ObjectNode read(String text) {
    var reader = new ZodSchema(text.strip());
    Field field = reader.field(0);
    reader.skip(';');
    if (reader.at < reader.text.length()) {
      throw reader.wrong("nothing more");
    }
    if (!field.schema().path("type").asString("").equals("object")) {
      throw new IllegalArgumentException("z.object({…}) was expected");
    }
    return field.schema();
  }

  private record Field(ObjectNode schema, boolean optional) {}

  private Field field(int depth) {
    if (depth > DEEPEST) {
      throw wrong("less depth");
    }
    expect("z");
    expect(".");
    String kind = name();
    if (kind.equals("coerce")) {
      expect(".");
      kind = name();
    }
    expect("(");
    Field field = new Field(kind(kind, depth), false);
    skipArguments();
    while (skip('.')) {
      field = changed(field, name());
    }
    return field;
  }

  /** Reads the arguments of a kind as far as they matter. */
  private ObjectNode kind(String kind, int depth) {
    return switch (kind) {
      case "string", "number", "boolean" -> Json.object().put("type", kind);
      case "date" -> Json.object().put("type", "string").put("format", "date-time");
      case "bigint" -> Json.object().put("type", "integer");
      case "any", "unknown" -> Json.object();
      case "object" -> object(depth);
      case "array" -> Json.object().put("type", "array").set("items", field(depth + 1).schema());
      case "enum" -> Json.object().put("type", "string").set("enum", literal());
      case "literal" -> Json.object().set("enum", Json.array().add(literal()));
      case "record" -> record(depth);
      case "union" -> union(depth);
      case "optional", "nullable" -> field(depth + 1).schema();
      default -> throw wrong("a known kind instead of " + kind);
    };
  }

  private ObjectNode record(int depth) {
    ObjectNode values = field(depth + 1).schema();
    if (skip(',') && !peek(')')) {
      values = field(depth + 1).schema();
    }
    return Json.object().put("type", "object").set("additionalProperties", values);
  }

  private ObjectNode union(int depth) {
    expect("[");
    ArrayNode choices = Json.array();
    while (!skip(']')) {
      choices.add(field(depth + 1).schema());
      skip(',');
    }
    return Json.object().set("anyOf", choices);
  }

  private ObjectNode object(int depth) {
    expect("{");
    ObjectNode properties = Json.object();
    var required = new ArrayList<String>();
    while (!skip('}')) {
      String name = peek('"') || peek('\'') ? literal().asString("") : name();
      expect(":");
      Field field = field(depth + 1);
      properties.set(name, field.schema());
      if (!field.optional()) {
        required.add(name);
      }
      if (!skip(',') && !peek('}')) {
        throw wrong("a comma");
      }
    }
    return Schemas.object(properties, required);
  }

  /** Applies {@code .name(…)}. */
  private Field changed(Field field, String name) {
    expect("(");
    ObjectNode schema = field.schema();
    boolean optional = field.optional();
    switch (name) {
      case "describe" -> schema.set("description", literal());
      case "optional", "nullish" -> optional = true;
      case "default" -> {
        optional = true;
        schema.set("default", literal());
      }
      case "nullable" -> {} // says null; what is absent means the same
      case "int" -> schema.put("type", "integer");
      case "min", "gte" -> schema.set(bound(schema, "min"), literal());
      case "max", "lte" -> schema.set(bound(schema, "max"), literal());
      case "array" -> schema = Json.object().put("type", "array").set("items", schema);
      default -> {
        if (!IGNORED.contains(name)) {
          throw wrong("a known method instead of " + name);
        }
      }
    }
    skipArguments();
    return new Field(schema, optional);
  }

  private static String bound(ObjectNode schema, String side) {
    return switch (schema.path("type").asString("")) {
      case "string" -> side + "Length";
      case "array" -> side + "Items";
      default -> side + "imum";
    };
  }

  /** Reads a literal: what LooseJson takes between here and where its brackets are closed. */
  private JsonNode literal() {
    blanks();
    int from = at;
    int depth = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"' || c == '\'' || c == '`') {
        quoted(c);
        continue;
      }
      if (depth == 0 && (c == ',' || c == ')' || c == ':' || c == '}')) {
        break;
      }
      depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
      at++;
    }
    String written = text.substring(from, at).strip();
    JsonNode read = LooseJson.read(written);
    if (read.isMissingNode() && written.startsWith("`")) {
      return Json.text(written.substring(1, written.length() - 1));
    }
    if (read.isMissingNode()) {
      throw wrong("a value instead of \"" + written + "\"");
    }
    return read;
  }

  private void quoted(char quote) {
    for (at++; at < text.length() && text.charAt(at) != quote; at++) {
      at += text.charAt(at) == '\\' ? 1 : 0;
    }
    at++;
    if (at > text.length()) {
      at = text.length();
      throw wrong("the end of a text");
    }
  }

  /** Passes what is left up to the closing bracket, e.g. the message of a refusal. */
  private void skipArguments() {
    int depth = 1;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"' || c == '\'' || c == '`') {
        quoted(c);
        at--;
      } else if (c == '(') {
        depth++;
      } else if (c == ')' && --depth == 0) {
        at++;
        return;
      }
    }
    throw wrong("a closing bracket");
  }

  private String name() {
    blanks();
    int from = at;
    while (at < text.length() && Character.isJavaIdentifierPart(text.charAt(at))) {
      at++;
    }
    if (from == at) {
      throw wrong("a name");
    }
    return text.substring(from, at);
  }

  private boolean peek(char c) {
    blanks();
    return at < text.length() && text.charAt(at) == c;
  }

  private boolean skip(char c) {
    boolean there = peek(c);
    at += there ? 1 : 0;
    return there;
  }

  private void expect(String token) {
    blanks();
    if (!text.startsWith(token, at)) {
      throw wrong(token);
    }
    at += token.length();
  }

  private void blanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private IllegalArgumentException wrong(String expected) {
    String rest = text.substring(Math.min(at, text.length()));
    return new IllegalArgumentException(
        expected
            + " was expected at character "
            + (at + 1)
            + (rest.isEmpty()
                ? ", the end"
                : ", before \"" + rest.substring(0, Math.min(20, rest.length())) + "\""));
  }
}
