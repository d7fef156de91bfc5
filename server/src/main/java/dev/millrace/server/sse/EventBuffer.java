package dev.millrace.server.sse;

import dev.millrace.platform.events.StreamEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The events that came for a client and were not written to it yet. Who brings them never waits for
 * the client: when the client is too slow by {@link #LIMIT} characters, it is given up.
 *
 * <p>Thread-safe; one thread takes.
 */
public final class EventBuffer {
  /** In characters, about 16 MB: a client that lets this much pile up does not read. */
  static final int LIMIT = 8 * 1024 * 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private List<StreamEvent> events = new ArrayList<>(); // guarded by lock
  private long characters; // guarded by lock
  private boolean overflowed; // guarded by lock
  private boolean ended; // guarded by lock

  /** Adds an event; drops it when the client was given up. Never blocks. */
  public void add(StreamEvent event) {
    lock.lock();
    try {
      if (overflowed) {
        return;
      }
      characters += event.dataJson().length();
      overflowed = characters > LIMIT;
      events.add(event);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Tells the taking thread that no event will follow. */
  public void end() {
    lock.lock();
    try {
      ended = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes everything that is there; waits for the first event, for the end, or for the limit.
   *
   * @return the events in order, empty when there was none
   * @throws SlowClientException when the client was given up
   */
  public List<StreamEvent> take(Duration limit) throws InterruptedException {
    lock.lock();
    try {
      var left = limit.toNanos();
      while (events.isEmpty() && !ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (overflowed) {
        throw new SlowClientException();
      }
      var taken = events;
      events = new ArrayList<>();
      characters = 0;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether {@link #end} was called. */
  public boolean isEnded() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** The client reads slower than its run speaks, by more than the buffer holds. */
  public static final class SlowClientException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SlowClientException() {
      super("the client reads too slowly: " + LIMIT + " characters wait for it");
    }
  }
}
