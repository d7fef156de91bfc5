package dev.millrace.flows.tools;

import tools.jackson.databind.node.ObjectNode;

/** Makes a tool of a kind that does not come with the engine. Thread-safe. */
@FunctionalInterface
public interface ToolFactory {
  /**
   * Makes one.
   *
   * @param config the inputs that the flow gave it, templates filled in
   * @throws dev.millrace.flows.engine.FlowException when something is missing, naming it
   */
  Tool make(ObjectNode config);
}
