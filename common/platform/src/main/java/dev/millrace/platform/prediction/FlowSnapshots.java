package dev.millrace.platform.prediction;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowFormatException;
import dev.millrace.flows.model.FlowParser;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The flows of late, parsed. A job carries its flow as text; the text itself is the key, so that a
 * flow which changed is never mistaken for its earlier self. Thread-safe.
 */
public final class FlowSnapshots {
  /** In characters of flow text; what is parsed takes some times as much. */
  private static final long MOST_TEXT = 8L * 1024 * 1024;

  private final JsonMapper json;
  private final LoadingCache<String, Snapshot> cache;

  /**
   * A flow as a job carries it.
   *
   * @param id its row
   * @param type {@code AGENTFLOW}, …
   * @param flow its definition
   * @param apiConfig its override permissions, an empty object when it has none
   */
  record Snapshot(String id, String type, Flow flow, ObjectNode apiConfig) {}

  public FlowSnapshots(JsonMapper json) {
    this.json = json;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(MOST_TEXT)
            .weigher((String text, Snapshot flow) -> text.length())
            .build(this::parse);
  }

  /**
   * Returns the flow in a row's JSON.
   *
   * @throws FlowException when it is none; the message says what is wrong
   */
  Snapshot get(String chatflowJson) {
    return cache.get(chatflowJson);
  }

  private Snapshot parse(String chatflowJson) {
    try {
      var row = json.readTree(chatflowJson);
      var flow = FlowParser.parse(row.path("flowData").asString(""));
      return new Snapshot(
          row.path("id").asString(""),
          row.path("type").asString("AGENTFLOW"),
          flow.flow(),
          object(row.path("apiConfig")));
    } catch (JacksonException | FlowFormatException e) {
      throw new FlowException("the flow cannot be read: " + e.getMessage(), e);
    }
  }

  // JSON columns are text in Flowise's rows.
  private ObjectNode object(JsonNode column) {
    var value =
        column.isString() && !column.asString().isBlank()
            ? json.readTree(column.asString())
            : column;
    return value instanceof ObjectNode object ? object : json.createObjectNode();
  }
}
