package dev.millrace.flows.lint;

import dev.millrace.flows.expression.Paths;
import dev.millrace.flows.model.Json;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The editor's rules for which parameters a node shows (specification §1.7). Thread-safe. */
final class Visibility {
  private static final int LONGEST = 1_000;

  private Visibility() {}

  /**
   * Tells whether a parameter is visible.
   *
   * @param index stands for {@code $index} in the rules' paths; -1 outside of arrays
   */
  static boolean shows(JsonNode param, ObjectNode inputs, int index) {
    for (var rule : param.path("show").properties()) {
      if (!holds(rule.getKey(), rule.getValue(), inputs, index)) {
        return false;
      }
    }
    for (var rule : param.path("hide").properties()) {
      if (holds(rule.getKey(), rule.getValue(), inputs, index)) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(String path, JsonNode wanted, ObjectNode inputs, int index) {
    String place = path.replace("$index", Integer.toString(index));
    JsonNode actual = Paths.get(inputs, place);
    if (actual.isString() && actual.stringValue().startsWith("[")) {
      JsonNode list = Json.readOrMissing(actual.stringValue());
      actual = list.isArray() ? list : actual;
    }
    if (actual.isArray()) {
      return actual.valueStream().anyMatch(item -> matches(item, wanted));
    }
    return matches(actual.isMissingNode() ? Json.text("") : actual, wanted);
  }

  private static boolean matches(JsonNode actual, JsonNode wanted) {
    if (wanted.isArray()) {
      return wanted.valueStream().anyMatch(each -> matches(actual, each));
    }
    if (!wanted.isString()) {
      return actual.equals(wanted);
    }
    String text = actual.asString("");
    return text.equals(wanted.stringValue()) || finds(wanted.stringValue(), text);
  }

  private static boolean finds(String pattern, String text) {
    try {
      String looked = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
      return pattern.length() < LONGEST && Pattern.compile(pattern).matcher(looked).find();
    } catch (PatternSyntaxException e) {
      return false;
    }
  }
}
