package dev.millrace.bullmq;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a listener; what that throws must not disturb who tells it.
 *
 * @param whose for the log, e.g. "a worker's"
 */
record SafeListener<L>(L listener, String whose) {
  /** Nobody listens to a queue. */
  static final SafeListener<QueueListener> NONE = new SafeListener<>(QueueListener.NONE, "No");

  private static final Logger log = LoggerFactory.getLogger(SafeListener.class);

  void tell(Consumer<L> event) {
    try {
      event.accept(listener);
    } catch (RuntimeException e) {
      log.warn("{} listener failed", whose, e);
    }
  }
}
