package dev.millrace.cluster.sync;

import dev.millrace.cluster.Payload;

/** Hears sync messages, one at a time. What it throws is logged, and it hears the next. */
@FunctionalInterface
public interface SyncHandler {
  /** Takes a message; perhaps not for the first time. */
  void handle(Payload message) throws Exception;

  /**
   * Is told that messages are missing for good, since this node was away for longer than they are
   * kept. Reload everything that the channel is about.
   */
  default void onGap() throws Exception {}
}
