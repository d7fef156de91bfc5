package dev.millrace.flows.mcp;

import dev.millrace.flows.engine.Cancellation;
import tools.jackson.databind.node.ObjectNode;

/** Carries JSON-RPC messages to one server. Thread-safe: several requests may be under way. */
interface McpTransport extends AutoCloseable {
  /**
   * Sends a request and waits for the response with its id.
   *
   * @throws McpException when the server is gone, does not answer in time, or answers nonsense
   * @throws dev.millrace.flows.engine.FlowCancelledException when the run was cancelled meanwhile
   */
  ObjectNode request(ObjectNode message, Cancellation cancellation);

  /** Sends a message that nobody answers. */
  void tell(ObjectNode message, Cancellation cancellation);

  /** From now on requests say which version of the protocol was agreed on. */
  default void agreed(String version) {}

  @Override
  void close();
}
