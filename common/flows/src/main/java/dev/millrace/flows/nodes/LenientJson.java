package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** Reads the JSON that people write by hand: JSON5, more or less. Thread-safe. */
final class LenientJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(
              JsonReadFeature.ALLOW_JAVA_COMMENTS,
              JsonReadFeature.ALLOW_SINGLE_QUOTES,
              JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES,
              JsonReadFeature.ALLOW_TRAILING_COMMA,
              JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS,
              JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS,
              JsonReadFeature.ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS,
              JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS,
              JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private LenientJson() {}

  /**
   * Reads a value; on failure once more without the backslashes that Markdown editors put before
   * brackets.
   *
   * @param what names the value in the message
   * @throws FlowException when it is no JSON
   */
  static JsonNode read(String text, String what) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException first) {
      JsonNode second = readOrMissing(text.replaceAll("\\\\(?=[\\[\\]{}\"_*])", ""));
      if (second.isMissingNode()) {
        throw new FlowException(
            "Invalid JSON in " + what + ": " + first.getOriginalMessage() + ".", first);
      }
      return second;
    }
  }

  /** Reads a value, a missing node when it is none. */
  static JsonNode readOrMissing(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }
}
