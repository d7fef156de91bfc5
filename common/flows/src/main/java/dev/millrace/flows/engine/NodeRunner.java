package dev.millrace.flows.engine;

/**
 * Does what one kind of node does. Thread-safe: one instance serves all runs; a call blocks its
 * (virtual) thread until the node is done.
 */
@FunctionalInterface
public interface NodeRunner {
  /**
   * Runs a node once.
   *
   * @throws FlowException when it fails; the message is shown to the client
   * @throws FlowCancelledException when the run was cancelled meanwhile
   */
  NodeOutcome run(NodeContext context);

  /**
   * Tells whether it does anything besides computing its outcome from what it is given. If not, it
   * may be repeated without harm, and need not wait for what came before it to be durable.
   */
  default boolean hasEffects() {
    return true;
  }
}
