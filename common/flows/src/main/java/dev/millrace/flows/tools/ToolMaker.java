package dev.millrace.flows.tools;

import java.util.List;

/** Makes the tools of one kind; most make one, a toolkit or an MCP server makes several. */
@FunctionalInterface
interface ToolMaker {
  /**
   * Makes them.
   *
   * @throws dev.millrace.flows.engine.FlowException when something is missing, naming the tool, the
   *     setting and the node
   */
  List<Tool> make(ToolOrder order);
}
