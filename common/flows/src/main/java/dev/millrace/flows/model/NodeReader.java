package dev.millrace.flows.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads one node, and brings what older versions exported to the form of today. */
final class NodeReader {
  private static final Map<String, String> RENAMED =
      Map.of(
          "selectedTool", "toolAgentflowSelectedTool",
          "selectedToolConfig", "toolAgentflowSelectedToolConfig");

  /** Arrays that old editors stored as text. */
  private static final List<String> TEXT_ARRAYS = List.of("conditions", "startState");

  private NodeReader() {}

  static FlowNode read(JsonNode json) {
    if (!json.isObject()) {
      throw new FlowFormatException("Every node of a flow is an object; one is " + json + ".");
    }
    String id = json.path("id").asString("");
    ObjectNode data = json.get("data") instanceof ObjectNode object ? object : Json.object();
    if (id.isEmpty()) {
      id = data.path("id").asString("");
    }
    if (id.isEmpty()) {
      throw new FlowFormatException("A node has no id: " + abbreviated(data));
    }
    String name = data.path("name").asString("");
    if (name.isEmpty()) {
      name = json.path("type").asString("");
    }
    return new FlowNode(
        id, name, data.path("label").asString(id), modern(name, data), parent(json));
  }

  /** Notes are drawn, never run. */
  static boolean isNote(FlowNode node) {
    return node.name().equals("stickyNoteAgentflow") || node.name().equals("stickyNote");
  }

  private static @Nullable String parent(JsonNode json) {
    String parent = json.path("parentNode").asString("");
    return parent.isEmpty() ? null : parent;
  }

  private static ObjectNode modern(String name, ObjectNode data) {
    if (!(data.get("inputs") instanceof ObjectNode inputs)) {
      return data;
    }
    ObjectNode changed = null;
    if (name.equals("toolAgentflow") && inputs.has("selectedTool")) {
      changed = renamed(inputs);
    }
    for (String member : TEXT_ARRAYS) {
      JsonNode value = inputs.path(member);
      if (value.isString() && Json.readOrMissing(value.stringValue()).isArray()) {
        changed = changed == null ? Json.shallowCopy(inputs) : changed;
        changed.set(member, Json.readOrMissing(value.stringValue()));
      }
    }
    return changed == null ? data : Json.shallowCopy(data).set("inputs", changed);
  }

  private static ObjectNode renamed(ObjectNode inputs) {
    var renamed = Json.object();
    for (var member : inputs.properties()) {
      String today = RENAMED.getOrDefault(member.getKey(), member.getKey());
      if (today.equals(member.getKey()) || Json.isFalsy(inputs.get(today))) {
        renamed.set(today, member.getValue());
      }
    }
    return renamed;
  }

  private static String abbreviated(JsonNode data) {
    String text = data.toString();
    return text.length() < 200 ? text : text.substring(0, 200) + "…";
  }
}
