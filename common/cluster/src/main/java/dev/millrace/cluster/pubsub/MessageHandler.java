package dev.millrace.cluster.pubsub;

import dev.millrace.cluster.Payload;

/** Hears messages, one at a time. What it throws is logged, and it hears the next. */
@FunctionalInterface
public interface MessageHandler {
  /** Takes a message. */
  void handle(Payload message) throws Exception;

  /**
   * Is told that messages may be missing before the next one: the connection was away, or this
   * handler was too slow for its buffer. Reload what the messages would have told.
   */
  default void onGap() throws Exception {}
}
