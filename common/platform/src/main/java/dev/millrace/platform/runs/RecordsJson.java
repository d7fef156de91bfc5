package dev.millrace.platform.runs;

import dev.millrace.flows.engine.NodeRecord;
import dev.millrace.flows.engine.RunStatus;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Node records as {@code execution.executionData} holds them: {@code {nodeId, nodeLabel, data,
 * previousNodeIds, status}}.
 */
final class RecordsJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RecordsJson() {}

  static ObjectNode toJson(NodeRecord record) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("nodeId", record.nodeId());
    json.put("nodeLabel", record.nodeLabel());
    json.set("data", record.data());
    var previous = json.putArray("previousNodeIds");
    record.previousNodeIds().forEach(previous::add);
    json.put("status", record.status().name());
    return json;
  }

  static ArrayNode toJson(List<NodeRecord> records) {
    var array = JsonNodeFactory.instance.arrayNode(records.size());
    records.forEach(record -> array.add(toJson(record)));
    return array;
  }

  static NodeRecord fromJson(JsonNode json) {
    var data =
        json.path("data") instanceof ObjectNode object
            ? object
            : JsonNodeFactory.instance.objectNode();
    return new NodeRecord(
        json.path("nodeId").asString(""),
        json.path("nodeLabel").asString(""),
        data,
        json.path("previousNodeIds").valueStream().map(JsonNode::asString).toList(),
        status(json.path("status").asString("")));
  }

  /** Returns the record that stands for an interruption, so that the UI shows its reason. */
  static ObjectNode interruption(String message) {
    var data = JsonNodeFactory.instance.objectNode();
    data.put("id", "");
    data.put("name", "");
    data.put("error", message);
    return toJson(new NodeRecord("", "Run interrupted", data, List.of(), RunStatus.ERROR));
  }

  /**
   * Parses a stored array; text that is none, which only another program can have put there, is
   * empty.
   */
  static ArrayNode parse(String text) {
    try {
      return JSON.readTree(text) instanceof ArrayNode array
          ? array
          : JsonNodeFactory.instance.arrayNode();
    } catch (JacksonException e) {
      return JsonNodeFactory.instance.arrayNode();
    }
  }

  static JsonNode parseAny(String text) {
    try {
      return JSON.readTree(text);
    } catch (JacksonException e) {
      return JsonNodeFactory.instance.stringNode(text);
    }
  }

  static RunStatus status(String name) {
    for (var status : RunStatus.values()) {
      if (status.name().equals(name)) {
        return status;
      }
    }
    return RunStatus.ERROR;
  }
}
