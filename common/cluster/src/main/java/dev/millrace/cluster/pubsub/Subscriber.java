package dev.millrace.cluster.pubsub;

import dev.millrace.cluster.Payload;
import dev.millrace.cluster.support.Timer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A handler with its buffer, its debounce and its thread. */
final class Subscriber {
  private static final Logger LOG = LoggerFactory.getLogger(Subscriber.class);

  /** While equal messages go on coming, one is handled after so many times the debounce. */
  private static final int LONGEST_DEBOUNCE = 10;

  /** Stands in the buffer where messages are missing; no JSON, so no message equals it. */
  private static final Payload GAP = new Payload("gap");

  private record Quiet(Timer.Planned end, long since) {}

  private final String channel;
  private final MessageHandler handler;
  private final SubscribeOptions options;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Payload> buffer = new ArrayDeque<>();
  private final Map<Payload, Quiet> debounced = new HashMap<>();
  private boolean closed;

  Subscriber(String channel, MessageHandler handler, SubscribeOptions options) {
    this.channel = channel;
    this.handler = handler;
    this.options = options;
  }

  MessageHandler handler() {
    return handler;
  }

  void start() {
    Thread.ofVirtual().name("pubsub-" + channel).start(this::run);
  }

  void offer(Payload message) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (options.debounce().isZero()) {
        enqueue(message);
      } else {
        debounce(message);
      }
    } finally {
      lock.unlock();
    }
  }

  void gap() {
    lock.lock();
    try {
      if (!closed && !GAP.equals(buffer.peekLast())) {
        buffer.addLast(GAP);
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      buffer.clear();
      debounced.values().forEach(quiet -> quiet.end().cancel());
      debounced.clear();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many messages wait for the end of their debounce. */
  int debounced() {
    lock.lock();
    try {
      return debounced.size();
    } finally {
      lock.unlock();
    }
  }

  private void debounce(Payload message) {
    var now = System.nanoTime();
    var earlier = debounced.get(message);
    if (earlier == null && debounced.size() >= options.buffer()) {
      overflow();
      return;
    }
    var since = earlier == null ? now : earlier.since();
    if (earlier != null) {
      if (now - since >= options.debounce().toNanos() * LONGEST_DEBOUNCE) {
        return;
      }
      earlier.end().cancel();
    }
    var end = Timer.after(options.debounce(), () -> endDebounce(message));
    debounced.put(message, new Quiet(end, since));
  }

  private void endDebounce(Payload message) {
    lock.lock();
    try {
      if (debounced.remove(message) != null) {
        enqueue(message);
      }
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(Payload message) {
    buffer.addLast(message);
    if (buffer.size() > options.buffer() + 1) {
      overflow();
    }
    changed.signal();
  }

  /** Drops the oldest message, and leaves a mark in its place. */
  private void overflow() {
    var marked = GAP.equals(buffer.peekFirst());
    if (marked) {
      buffer.removeFirst();
    } else {
      LOG.warn(
          "a subscriber of {} is too slow for its {} messages; the oldest are dropped",
          channel,
          options.buffer());
    }
    buffer.pollFirst();
    buffer.addFirst(GAP);
    changed.signal();
  }

  private void run() {
    try {
      while (true) {
        Payload next;
        lock.lockInterruptibly();
        try {
          while (buffer.isEmpty() && !closed) {
            changed.await();
          }
          if (closed) {
            return;
          }
          next = buffer.removeFirst();
        } finally {
          lock.unlock();
        }
        handle(next);
      }
    } catch (InterruptedException e) {
      LOG.debug("subscriber of {} was interrupted", channel);
    }
  }

  // Also an Error of a handler, e.g. a missing class of a plugin, spoils one message only.
  private void handle(Payload message) {
    try {
      if (GAP.equals(message)) {
        handler.onGap();
      } else {
        handler.handle(message);
      }
    } catch (Throwable e) {
      LOG.warn("a subscriber of {} failed; it gets the next message all the same", channel, e);
    }
  }
}
