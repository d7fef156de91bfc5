package dev.millrace.bullmq;

/**
 * Is told of a queue's events, one at a time and in order, on the reader's thread: return soon. An
 * exception that it throws is logged and changes nothing.
 */
@FunctionalInterface
public interface QueueEventListener {
  void onEvent(QueueEvent event);

  /** Events may have been missed, since the stream was trimmed or emptied before they were read. */
  default void onGap() {}
}
