package dev.millrace.flows.script;

import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Flowise's rule for results: a text that looks like an object or an array is one, if it can be
 * read with JSON5's tolerance (comments, single quotes, bare names, trailing commas).
 */
final class LooseJson {
  private static final JsonMapper JSON5 =
      JsonMapper.builder()
          .enable(
              JsonReadFeature.ALLOW_JAVA_COMMENTS,
              JsonReadFeature.ALLOW_SINGLE_QUOTES,
              JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES,
              JsonReadFeature.ALLOW_TRAILING_COMMA,
              JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS,
              JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS,
              JsonReadFeature.ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS,
              JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
          .build();

  private LooseJson() {}

  static JsonNode reread(JsonNode result) {
    if (!result.isString()) {
      return result;
    }
    var text = result.asString().strip();
    if (!(text.startsWith("{") && text.endsWith("}"))
        && !(text.startsWith("[") && text.endsWith("]"))) {
      return result;
    }
    try {
      return JSON5.readTree(text);
    } catch (JacksonException e) {
      return result; // it only looked like JSON, so it stays the text that it is
    }
  }
}
