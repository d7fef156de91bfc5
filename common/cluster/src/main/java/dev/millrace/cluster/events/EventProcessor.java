package dev.millrace.cluster.events;

import dev.millrace.cluster.Payload;

/** Handles an event. */
@FunctionalInterface
public interface EventProcessor {
  /**
   * Handles it, on a virtual thread of its own. Returning ends it; throwing fails the attempt,
   * after which it is tried again if its options say so. An event may come twice when a node dies,
   * so the effects must be safe to repeat.
   */
  void process(Payload message, EventContext context) throws Exception;
}
