package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the caller of the API changes in the flow for one run, as far as the flow's owner permits
 * it: nothing is applied to an input that is not enabled under the label of its node (specification
 * §3.13; Flowise lets objects through). Immutable.
 */
final class Overrides {
  /** Members that are not inputs of nodes. */
  private static final Set<String> RESERVED =
      Set.of("sessionId", "vars", "analytics", "startState");

  private final JsonNode asked;
  private final JsonNode nodes;
  private final JsonNode variables;

  private Overrides(JsonNode asked, JsonNode permissions) {
    boolean active = permissions.path("status").asBoolean(false);
    this.asked = active ? asked : Json.object();
    this.nodes = permissions.path("nodes");
    this.variables = permissions.path("variables");
  }

  static Overrides of(RunRequest request) {
    return new Overrides(
        request.input().path("overrideConfig"), request.apiConfig().path("overrideConfig"));
  }

  /** Returns the inputs of a node that change, with their new values. */
  ObjectNode inputs(FlowNode node) {
    var changed = Json.object();
    if (!asked.isObject() || asked.isEmpty()) {
      return changed;
    }
    for (var entry : asked.properties()) {
      String name = entry.getKey();
      if (!RESERVED.contains(name) && permitted(node, name)) {
        override(node, name, entry.getValue(), changed);
      }
    }
    return changed;
  }

  /** Returns the keys of the state that change at the Start node. */
  ObjectNode state(FlowNode start) {
    var state = Json.object();
    JsonNode given = asked.path("startState");
    if (!permitted(start, "startState")) {
      return state;
    }
    if (given instanceof ObjectNode object) {
      JsonNode own = object.path(start.id());
      given = own.isContainer() ? own : object;
    }
    if (given instanceof ObjectNode object) {
      return state.setAll(object);
    }
    for (JsonNode row : given) {
      if (row.path("key").isString()) {
        state.set(row.path("key").stringValue(), row.path("value"));
      }
    }
    return state;
  }

  /** Returns the workspace's variables with the permitted changes. */
  Map<String, String> variables(Map<String, String> stored) {
    JsonNode given = asked.path("vars");
    if (!given.isObject() || given.isEmpty()) {
      return stored;
    }
    var changed = new HashMap<>(stored);
    for (JsonNode permission : variables) {
      String name = permission.path("name").asString("");
      if (permission.path("enabled").asBoolean(false) && given.has(name)) {
        changed.put(name, JsonText.of(given.path(name)));
      }
    }
    return changed;
  }

  private boolean permitted(FlowNode node, String name) {
    for (JsonNode permission : nodes.path(node.label())) {
      if (permission.path("name").asString("").equals(name)) {
        return permission.path("enabled").asBoolean(false);
      }
    }
    return false;
  }

  private static void override(FlowNode node, String name, JsonNode value, ObjectNode changed) {
    JsonNode old = node.inputs().path(name);
    if (value instanceof ArrayNode added) {
      changed.set(name, old instanceof ArrayNode array ? union(array, added) : added);
    } else if (value instanceof ObjectNode object) {
      JsonNode own = object.get(node.id());
      if (own != null) {
        changed.set(name, merged(old, own));
      } else if (!addressesOthers(node, object)) {
        changed.set(name, merged(old, object));
      }
    } else {
      changed.set(name, scalar(value));
    }
  }

  private static ArrayNode union(ArrayNode old, ArrayNode added) {
    var union = Json.array().addAll(old);
    for (JsonNode item : added) {
      if (old.valueStream().noneMatch(item::equals)) {
        union.add(item);
      }
    }
    return union;
  }

  private static JsonNode merged(JsonNode old, JsonNode value) {
    JsonNode base = old.isString() ? Json.readOrMissing(old.stringValue()) : old;
    if (base instanceof ObjectNode object && value instanceof ObjectNode members) {
      ObjectNode merged = Json.shallowCopy(object).setAll(members);
      return old.isString() ? Json.text(Json.write(merged)) : merged;
    }
    return value.isValueNode() ? scalar(value) : value;
  }

  private static JsonNode scalar(JsonNode value) {
    if (value.isString() && Set.of("true", "false").contains(value.stringValue())) {
      return BooleanNode.valueOf(value.stringValue().equals("true"));
    }
    return value;
  }

  /** Tells whether an object holds values by node id, none of them for this node. */
  private static boolean addressesOthers(FlowNode node, ObjectNode object) {
    String prefix = node.name() + "_";
    return object.properties().stream()
        .map(Map.Entry::getKey)
        .anyMatch(
            key -> key.startsWith(prefix) && key.substring(prefix.length()).matches("\\d{1,9}"));
  }
}
