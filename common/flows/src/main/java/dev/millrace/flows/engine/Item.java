package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The item for which the inside of a container runs.
 *
 * @param container the id of the container
 * @param index its place, from 0
 * @param value the item itself
 * @param last whether no other follows
 */
record Item(String container, int index, JsonNode value, boolean last) {
  /** Adds to the record of a node inside which item it was run for, as Flowise does. */
  void addTo(ObjectNode data, String sessionId) {
    ObjectNode context = Json.object().put("index", index);
    context.set("value", value);
    context.put("isFirst", index == 0).put("isLast", last).put("sessionId", sessionId);
    data.put("iterationIndex", index);
    data.set("iterationContext", context);
    data.put("parentNodeId", container);
  }
}
