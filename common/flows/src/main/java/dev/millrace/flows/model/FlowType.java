package dev.millrace.flows.model;

import java.util.Locale;
import java.util.Optional;

/** What kind of flow a row holds; the names are stored as they are. */
public enum FlowType {
  AGENTFLOW,
  CHATFLOW,
  /** The old agentflows: a supervisor with workers, or a sequential graph. */
  MULTIAGENT,
  ASSISTANT;

  /** Returns the type that a row names in its {@code type} column. */
  public static Optional<FlowType> named(String name) {
    for (FlowType type : values()) {
      if (type.name().equals(name.trim().toUpperCase(Locale.ROOT))) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** Derives the type from the categories of the nodes, which is all that an export tells. */
  public static FlowType of(Flow flow) {
    FlowType found = CHATFLOW;
    for (FlowNode node : flow.nodes()) {
      String category = node.data().path("category").asString("");
      if (category.equals("Agent Flows") || node.name().endsWith("Agentflow")) {
        return AGENTFLOW;
      }
      if (category.equals("Multi Agents") || category.equals("Sequential Agents")) {
        found = MULTIAGENT;
      }
    }
    return found;
  }
}
