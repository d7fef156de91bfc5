package dev.millrace.flows.expression;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Applies the state updates of a node after it ran: its values may name the output that it has just
 * produced as {@code {{ output }}} or {@code {{ output.path }}}.
 */
public final class StateUpdate {
  private static final Pattern PATH = Pattern.compile("\\{\\{ ?output\\.([\\w.]+) ?}}");

  private StateUpdate() {}

  /**
   * Returns the state after a node.
   *
   * @param state before; not changed
   * @param updates rows of {@code {key, value}}, the last of a key wins
   * @param output what the node finally put out: text or a structured object
   */
  public static ObjectNode apply(ObjectNode state, List<ObjectNode> updates, JsonNode output) {
    if (updates.isEmpty()) {
      return state;
    }
    var changed = Json.shallowCopy(state);
    for (ObjectNode update : updates) {
      String key = update.path("key").asString("");
      if (!key.isEmpty()) {
        JsonNode value = update.path("value");
        changed.set(key, value.isMissingNode() || value.isNull() ? Json.text("") : value);
      }
    }
    for (ObjectNode update : updates) {
      String key = update.path("key").asString("");
      JsonNode value = changed.path(key);
      if (value.isString()) {
        changed.set(key, resolved(value.stringValue(), output));
      }
    }
    return changed;
  }

  private static JsonNode resolved(String text, JsonNode output) {
    if (!text.contains("{{ output") && !text.contains("{{output")) {
      return Json.text(text);
    }
    String trimmed = text.trim();
    if (trimmed.equals("{{ output }}") || trimmed.equals("{{output}}")) {
      return output;
    }
    Matcher path = PATH.matcher(text);
    if (path.find()) {
      JsonNode value = at(output, path.group(1));
      return value == null ? Json.text(text) : value;
    }
    return Json.text(text.replace("{{ output }}", JsonText.of(output)));
  }

  private static @Nullable JsonNode at(JsonNode output, String path) {
    JsonNode root = output.isString() ? Json.readOrMissing(output.stringValue()) : output;
    JsonNode value = Paths.get(root, path);
    return value.isMissingNode() ? null : value;
  }
}
