package dev.millrace.flows.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What an exported file turned out to hold. */
public sealed interface FlowFile {

  /** One flow, or all those of a workspace export. */
  record Flows(List<NamedFlow> flows) implements FlowFile {
    public Flows {
      flows = List.copyOf(flows);
    }
  }

  /**
   * A tool template.
   *
   * @param schema the list of {@code {property, type, description, required}}
   * @param func the body of a JavaScript function
   */
  record Tool(String name, String description, JsonNode schema, String func) implements FlowFile {}

  /**
   * A flow with what stood beside it.
   *
   * @param id its row, null when the file is no row
   * @param name its name, "" when the file has none
   * @param row the object that held it: {@code apiConfig}, {@code chatbotConfig}, …; not changed
   */
  record NamedFlow(@Nullable String id, String name, FlowType type, Flow flow, ObjectNode row) {}
}
