package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.net.MultipartForm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The body of a request to an operation, in the form that its document asks for.
 *
 * @param type with what belongs to it, e.g. a boundary
 */
record OpenApiBody(String type, byte[] bytes) {
  /** How a value becomes a body. */
  private enum Form {
    JSON,
    FIELDS,
    PARTS,
    TEXT
  }

  /** Returns which of the media types that an operation takes is sent; "" when it takes none. */
  static String choose(JsonNode content) {
    String best = "";
    for (String type : content.propertyNames()) {
      if (best.isEmpty() || form(type).compareTo(form(best)) < 0) {
        best = type;
      }
    }
    return best;
  }

  /** Tells whether what is sent is one text, and has no members that a model could fill in. */
  static boolean isText(String type) {
    return form(type) == Form.TEXT;
  }

  static OpenApiBody of(String type, JsonNode value) {
    return switch (form(type)) {
      case JSON -> text(type, Json.write(value));
      case TEXT -> text(type, JsonText.of(value));
      case FIELDS -> text(type, HttpCalls.encoded(fields(value)));
      case PARTS -> {
        var parts = new MultipartForm();
        fields(value).forEach(field -> parts.add(field.getKey(), field.getValue()));
        yield new OpenApiBody(parts.contentType(), parts.bytes());
      }
    };
  }

  /** Returns name and text of each member, one for each item of a list. */
  static List<Map.Entry<String, String>> fields(JsonNode value) {
    var fields = new ArrayList<Map.Entry<String, String>>();
    for (var member : value.properties()) {
      JsonNode items = member.getValue();
      for (JsonNode item : items.isArray() ? items : Json.array().add(items)) {
        fields.add(Map.entry(member.getKey(), JsonText.of(item)));
      }
    }
    return fields;
  }

  private static OpenApiBody text(String type, String text) {
    return new OpenApiBody(type, text.getBytes(StandardCharsets.UTF_8));
  }

  private static Form form(String type) {
    String bare = type.toLowerCase(Locale.ROOT).replaceFirst("\\s*;.*", "");
    if (bare.equals("application/json") || bare.endsWith("+json") || bare.equals("*/*")) {
      return Form.JSON;
    }
    return switch (bare) {
      case "application/x-www-form-urlencoded" -> Form.FIELDS;
      case "multipart/form-data" -> Form.PARTS;
      default -> Form.TEXT;
    };
  }
}
