package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** Reads JSON as people and models write it. Thread-safe. */
final class LooseJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(
              JsonReadFeature.ALLOW_JAVA_COMMENTS,
              JsonReadFeature.ALLOW_SINGLE_QUOTES,
              JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES,
              JsonReadFeature.ALLOW_TRAILING_COMMA,
              JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private LooseJson() {}

  /** Returns a value, a missing node when the text is none. */
  static JsonNode read(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }

  /** Returns what a text that looks like an object or an array holds, else the text. */
  static JsonNode orText(String text) {
    String bare = text.strip();
    boolean container =
        (bare.startsWith("{") && bare.endsWith("}"))
            || (bare.startsWith("[") && bare.endsWith("]"));
    JsonNode read = container ? read(bare) : MissingNode.getInstance();
    return read.isMissingNode() ? Json.text(text) : read;
  }
}
