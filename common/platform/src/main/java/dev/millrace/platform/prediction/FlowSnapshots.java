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
 * The flows of late, parsed. A job carries its flow as text, or the text's hash; either is the key,
 * so that a flow which changed is never mistaken for its earlier self. Thread-safe.
 */
public final class FlowSnapshots {
  /** The member of a row's JSON that stands for all others but its id. */
  static final String REFERENCE = "millraceSnapshot";

  /** In characters of flow text; what is parsed takes some times as much. */
  private static final long MOST_TEXT = 8L * 1024 * 1024;

  private final JsonMapper json;
  private final FlowTexts texts;
  private final LoadingCache<String, Snapshot> cache;

  /**
   * A flow as a job carries it.
   *
   * @param id its row
   * @param type {@code AGENTFLOW}, …
   * @param flow its definition
   * @param apiConfig its override permissions, an empty object when it has none
   * @param chatbotConfig what its owner set for its chats, an empty object when nothing
   * @param length of its text
   */
  record Snapshot(
      String id,
      String type,
      Flow flow,
      ObjectNode apiConfig,
      ObjectNode chatbotConfig,
      int length) {}

  public FlowSnapshots(FlowTexts texts, JsonMapper json) {
    this.texts = texts;
    this.json = json;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(MOST_TEXT)
            .weigher((String text, Snapshot flow) -> flow.length())
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
      if (row.has(REFERENCE)) {
        row = json.readTree(referred(row));
      }
      var text = row.path("flowData").asString("");
      var flow = FlowParser.parse(text);
      return new Snapshot(
          row.path("id").asString(""),
          row.path("type").asString("AGENTFLOW"),
          flow.flow(),
          object(row.path("apiConfig")),
          chatbotConfig(row),
          text.length());
    } catch (JacksonException | FlowFormatException e) {
      throw new FlowException("the flow cannot be read: " + e.getMessage(), e);
    }
  }

  private String referred(JsonNode row) {
    var id = row.path("id").asString("");
    return texts
        .find(id, row.path(REFERENCE).asString(""))
        .orElseThrow(() ->
            new FlowException("flow " + id + " is neither in Redis nor in PostgreSQL any more"));
  }

  /** What is suggested after an answer has a column of its own, and belongs here. */
  private ObjectNode chatbotConfig(JsonNode row) {
    var config = object(row.path("chatbotConfig"));
    var followUps = object(row.path("followUpPrompts"));
    if (!followUps.isEmpty()) {
      config.set("followUpPrompts", followUps);
    }
    return config;
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
