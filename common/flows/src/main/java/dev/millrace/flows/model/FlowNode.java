package dev.millrace.flows.model;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A node of a flow.
 *
 * @param id e.g. {@code llmAgentflow_0}
 * @param name selects the implementation, e.g. {@code llmAgentflow}
 * @param label what the user called it
 * @param data the exported {@code data} object; not changed
 * @param parentNode the container it is drawn in, e.g. {@code iterationAgentflow_0}, or null
 */
public record FlowNode(
    String id, String name, String label, ObjectNode data, @Nullable String parentNode) {
  private static final ObjectNode NO_INPUTS = Json.object();

  public FlowNode(String id, String name, String label, ObjectNode data) {
    this(id, name, label, data, null);
  }

  /** Returns the values of its inputs as exported; an empty object when there are none. */
  public ObjectNode inputs() {
    JsonNode inputs = data.get("inputs");
    return inputs instanceof ObjectNode object ? object : NO_INPUTS;
  }

  /** Returns the id of the node to which it loops back, null when it says none. */
  public @Nullable String loopTarget() {
    String chosen = inputs().path("loopBackToNode").asString("");
    int dash = chosen.indexOf('-');
    String id = dash < 0 ? chosen : chosen.substring(0, dash);
    return id.isEmpty() ? null : id;
  }

  /** Returns its label and id, as messages name it. */
  public String title() {
    return "\"" + label + "\" (" + id + ")";
  }
}
