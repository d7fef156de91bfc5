package dev.millrace.flows.models;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where calls of a model go instead: to a server that speaks OpenAI's chat completions.
 *
 * @param basepath its address, up to and with {@code /v1}
 * @param key what it wants to see, or null
 * @param model the name by which it is asked; null for that which the node chose
 */
public record ModelRemap(String basepath, @Nullable String key, @Nullable String model) {
  /** Stands for every model that has no entry of its own. */
  public static final String ANY = "*";

  /**
   * Reads a table: {@code {"chatAnthropic": {"basepath": "…", "key": "…", "model": "…"}}}.
   *
   * @throws IllegalArgumentException when it is none; the message says why and tells no key
   */
  public static Map<String, ModelRemap> table(String json) {
    try {
      var table = new LinkedHashMap<String, ModelRemap>();
      if (!(JsonMapper.shared().readTree(json) instanceof ObjectNode rows)) {
        throw new IllegalArgumentException("it is no JSON object");
      }
      for (var row : rows.properties()) {
        var basepath = row.getValue().path("basepath").asString("");
        if (!basepath.startsWith("http://") && !basepath.startsWith("https://")) {
          throw new IllegalArgumentException(row.getKey() + " has no basepath, an http(s) address");
        }
        table.put(
            row.getKey(),
            new ModelRemap(
                basepath,
                row.getValue().path("key").asString(null),
                row.getValue().path("model").asString(null)));
      }
      return table;
    } catch (JacksonException e) {
      throw new IllegalArgumentException("it is no JSON", e);
    }
  }

  @Override
  public String toString() {
    return basepath; // the rest may be secret
  }
}
