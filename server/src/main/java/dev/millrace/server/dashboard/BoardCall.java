package dev.millrace.server.dashboard;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request to the dashboard's API, taken apart.
 *
 * @param visitor who asks
 * @param path the variable parts of its path, decoded once
 * @param query its parameters; one that is empty counts as absent
 * @param body reads its body
 */
record BoardCall(
    Visitor visitor,
    Map<String, String> path,
    Map<String, List<String>> query,
    Supplier<byte[]> body,
    JsonMapper json) {

  String queue() {
    return Objects.requireNonNull(path.get("queue"), "a route without a queue");
  }

  String id() {
    return Objects.requireNonNull(path.get("id"), "a route without an id");
  }

  String status() {
    return Objects.requireNonNull(path.get("status"), "a route without a status");
  }

  /** Returns a parameter, null if it is absent or empty. */
  @Nullable String parameter(String name) {
    var values = query.getOrDefault(name, List.of());
    return values.isEmpty() || values.getFirst().isEmpty() ? null : values.getFirst();
  }

  /** Returns a whole number, at least 1 and perhaps far too large. */
  long positive(String name, long absent, long most) {
    var text = parameter(name);
    if (text == null) {
      return absent;
    }
    try {
      var number = Double.parseDouble(text.strip());
      if (number >= 1 && number <= most && number == Math.rint(number)) {
        return (long) number;
      }
    } catch (NumberFormatException e) {
      throw BoardError.invalidQuery(name);
    }
    throw BoardError.invalidQuery(name);
  }

  /** Returns a number within bounds, whatever was asked for. */
  int clamped(String name, int absent, int least, int most) {
    var text = parameter(name);
    try {
      var number = text == null ? absent : Double.parseDouble(text.strip());
      return number == Math.rint(number) ? (int) Math.clamp(number, least, most) : absent;
    } catch (NumberFormatException e) {
      return absent;
    }
  }

  /** Returns a time in ms since 1970; null if it is absent. */
  @Nullable Long time(String name) {
    var text = parameter(name);
    if (text == null) {
      return null;
    }
    try {
      var number = Double.parseDouble(text.strip());
      if (Double.isFinite(number)) {
        return (long) number;
      }
    } catch (NumberFormatException e) {
      throw BoardError.invalid("INVALID_DATE_RANGE");
    }
    throw BoardError.invalid("INVALID_DATE_RANGE");
  }

  /**
   * Returns the body; an empty one is an empty object.
   *
   * @param key the error of a body that is no object
   */
  ObjectNode object(String key) {
    var bytes = body.get();
    if (bytes.length == 0) {
      return json.createObjectNode();
    }
    try {
      if (json.readTree(bytes) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw BoardError.invalid("INVALID_REQUEST_BODY")
          .details("The body is no valid JSON: " + e.getOriginalMessage());
    }
    throw BoardError.invalid(key);
  }
}
