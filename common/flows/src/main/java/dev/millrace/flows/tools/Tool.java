package dev.millrace.flows.tools;

import dev.millrace.flows.models.ToolSpec;
import tools.jackson.databind.node.ObjectNode;

/** Something that a model can call. Thread-safe: calls of one answer run side by side. */
public interface Tool {
  /** Returns what the model is told of it. */
  ToolSpec spec();

  /**
   * Does its work.
   *
   * @param arguments that meet the schema of {@link #spec}
   * @throws dev.millrace.flows.engine.FlowException when it fails; the message is shown to the
   *     model, or ends the flow when a Tool node called it
   * @throws dev.millrace.flows.engine.FlowCancelledException when the run was cancelled meanwhile
   */
  ToolResult call(ObjectNode arguments, ToolScope scope);

  /** Tells whether its result is the answer, without another word of the model. */
  default boolean returnDirect() {
    return false;
  }
}
