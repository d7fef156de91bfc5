package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes the ids of credentials out of what leaves the house. Flowise streams them with {@code
 * agentFlowExecutedData}, but removes them from answers and exports.
 */
@SuppressWarnings("ReferenceEquality") // the very same value means that nothing was taken out
public final class CredentialIds {
  private static final String KEY = "FLOWISE_CREDENTIAL_ID";

  private CredentialIds() {}

  /** Returns the value without any {@code FLOWISE_CREDENTIAL_ID}; itself when it has none. */
  public static JsonNode strip(JsonNode value) {
    if (value.isArray()) {
      return stripArray(value);
    }
    return value instanceof ObjectNode object ? strip(object) : value;
  }

  /** As {@link #strip(JsonNode)}. */
  public static ObjectNode strip(ObjectNode object) {
    ObjectNode changed = null;
    for (var member : object.properties()) {
      JsonNode value = member.getValue();
      if (member.getKey().equals(KEY)) {
        changed = changed == null ? Json.shallowCopy(object) : changed;
        changed.remove(KEY);
      } else if (value.isContainer()) {
        JsonNode stripped = strip(value);
        if (stripped != value) {
          changed = changed == null ? Json.shallowCopy(object) : changed;
          changed.set(member.getKey(), stripped);
        }
      }
    }
    return changed == null ? object : changed;
  }

  /** As {@link #strip(JsonNode)}. */
  public static NodeRecord strip(NodeRecord record) {
    ObjectNode data = strip(record.data());
    return data == record.data()
        ? record
        : new NodeRecord(
            record.nodeId(), record.nodeLabel(), data, record.previousNodeIds(), record.status());
  }

  private static JsonNode stripArray(JsonNode array) {
    var stripped = Json.array();
    boolean changed = false;
    for (JsonNode item : array) {
      JsonNode without = strip(item);
      changed |= without != item;
      stripped.add(without);
    }
    return changed ? stripped : array;
  }
}
