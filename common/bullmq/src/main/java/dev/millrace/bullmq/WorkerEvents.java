package dev.millrace.bullmq;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a worker's listener; what that throws must not disturb the worker. */
final class WorkerEvents {
  private static final Logger log = LoggerFactory.getLogger(WorkerEvents.class);

  private final SafeListener<WorkerListener> listener;
  private final AtomicBoolean drained = new AtomicBoolean();

  WorkerEvents(WorkerListener listener) {
    this.listener = new SafeListener<>(listener, "A worker's");
  }

  void tell(Consumer<WorkerListener> event) {
    listener.tell(event);
  }

  void error(Throwable error) {
    log.debug("Worker", error);
    tell(l -> l.error(error));
  }

  /** There was no job for the worker; the listener is told once, until there is one again. */
  void foundNone() {
    if (drained.compareAndSet(false, true)) {
      tell(WorkerListener::drained);
    }
  }

  void foundOne() {
    drained.set(false);
  }
}
