package dev.millrace.pgjobs;

import java.util.Collection;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON as this package uses it. */
final class Json {
  static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  static String array(Collection<String> texts) {
    return MAPPER.writeValueAsString(texts);
  }

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static JsonNode tree(String text) {
    return MAPPER.readTree(text);
  }
}
