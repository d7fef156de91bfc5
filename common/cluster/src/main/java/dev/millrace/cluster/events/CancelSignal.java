package dev.millrace.cluster.events;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a processor to end early, because its time is over or its node stops. Thread-safe. */
public final class CancelSignal {
  private static final Logger LOG = LoggerFactory.getLogger(CancelSignal.class);

  private final Instant deadline;
  private final List<Runnable> actions = new ArrayList<>();
  private @Nullable String reason;

  CancelSignal(Instant deadline) {
    this.deadline = deadline;
  }

  /** Returns when the attempt's time is over, by this machine's clock. */
  public Instant deadline() {
    return deadline;
  }

  public synchronized boolean isCancelled() {
    return reason != null;
  }

  /** Returns why it was cancelled; null while it is not. */
  public synchronized @Nullable String reason() {
    return reason;
  }

  /**
   * Does nothing while it is not cancelled.
   *
   * @throws CancellationException otherwise
   */
  public void throwIfCancelled() {
    var why = reason();
    if (why != null) {
      throw new CancellationException(why);
    }
  }

  /** Runs an action when it is cancelled, at once if it is already. It must not block. */
  public void onCancel(Runnable action) {
    synchronized (this) {
      if (reason == null) {
        actions.add(action);
        return;
      }
    }
    run(action);
  }

  void cancel(String why) {
    List<Runnable> toRun;
    synchronized (this) {
      if (reason != null) {
        return;
      }
      reason = why;
      toRun = List.copyOf(actions);
    }
    toRun.forEach(CancelSignal::run);
  }

  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.warn("what was to be done on a cancellation failed", e);
    }
  }
}
