package dev.millrace.flows.models;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Finds the provider's own words in the body of a refusal. */
final class ProviderErrors {
  private static final int LONGEST = 2_000;

  private ProviderErrors() {}

  /**
   * Returns a refusal as "401 message", the form that Flowise shows.
   *
   * @param secrets blotted out, because some providers repeat them
   */
  static ModelException refusal(int status, String reason, String body, SecretWords secrets) {
    var words = words(body);
    if (words.isBlank()) {
      words = reason.isBlank() ? "status code (no body)" : reason;
    }
    return new ModelException(status + " " + clean(words, secrets), status, null);
  }

  /** Returns the message of an error that came as an event of a stream, null when it is none. */
  static @Nullable ModelException inStream(String data, SecretWords secrets) {
    // Anything else is an ordinary event, and parsing each of them twice would cost.
    if (!data.startsWith("{\"error\"") && !data.startsWith("{ \"error\"")) {
      return null;
    }
    return new ModelException(
        "the provider ended the stream: " + clean(words(data), secrets), 0, null);
  }

  private static String clean(String words, SecretWords secrets) {
    var text = secrets.hidden(words); // before it is cut, which might leave a part of one
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
  }

  private static String words(String body) {
    try {
      var tree = JsonMapper.shared().readTree(body);
      var found = message(tree.isArray() ? tree.path(0) : tree);
      return found == null ? body.strip() : found;
    } catch (JacksonException e) {
      return body.strip(); // not JSON: a proxy's page, or plain text
    }
  }

  private static @Nullable String message(JsonNode tree) {
    for (var key : new String[] {"error", "message", "Message", "detail", "errors"}) {
      var value = tree.path(key);
      if (value.isString()) {
        return value.asString();
      }
      if (value.isObject() && value.path("message").isString()) {
        return value.path("message").asString();
      }
      if (value.isContainer() && !value.isEmpty()) {
        return value.toString();
      }
    }
    return null;
  }
}
