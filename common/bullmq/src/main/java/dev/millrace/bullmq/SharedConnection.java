package dev.millrace.bullmq;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps one connection alive: opens a new one as soon as it breaks. */
final class SharedConnection {
  private static final Logger log = LoggerFactory.getLogger(SharedConnection.class);
  private static final long FIRST_DELAY_MILLIS = 50;
  private static final long LAST_DELAY_MILLIS = 1000;

  private final Supplier<StatefulRedisConnection<String, String>> opener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile @Nullable StatefulRedisConnection<String, String> current;
  private volatile String problem = "";
  private final List<Runnable> onLost = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  SharedConnection(Supplier<StatefulRedisConnection<String, String>> opener) {
    this.opener = opener;
  }

  void start() {
    tryOpen();
    Thread.ofPlatform().daemon().name("bullmq-redis").start(this::keepOpen);
  }

  StatefulRedisConnection<String, String> get() {
    var connection = current;
    if (connection == null) {
      throw new RedisUnavailableException(
          closed ? "the connections to Redis are closed" : "Redis is away; reconnecting" + problem,
          false,
          null);
    }
    return connection;
  }

  /** Calls a listener, which must not block, when the connection is lost; the result ends that. */
  AutoCloseable onLost(Runnable listener) {
    onLost.add(listener);
    return () -> onLost.remove(listener);
  }

  boolean awaitUp(Duration limit) throws InterruptedException {
    var left = limit.toNanos();
    lock.lock();
    try {
      while (current == null && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      return current != null;
    } finally {
      lock.unlock();
    }
  }

  void close() {
    closed = true;
    signal();
    var connection = current;
    current = null;
    if (connection != null) {
      connection.close();
    }
  }

  private void keepOpen() {
    var delay = FIRST_DELAY_MILLIS;
    while (!closed) {
      try {
        if (current != null) {
          delay = FIRST_DELAY_MILLIS;
          pause(Long.MAX_VALUE, true);
        } else {
          pause(delay, false);
          delay = Math.min(delay * 2, LAST_DELAY_MILLIS);
          tryOpen();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void tryOpen() {
    try {
      var connection = opener.get();
      connection.addListener(
          new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> disconnected) {
              lost(connection);
            }
          });
      current = connection;
      if (!connection.isOpen()) {
        // It broke before the listener was there.
        lost(connection);
      }
      if (closed) {
        close();
      }
      signal();
    } catch (RuntimeException e) {
      log.debug("Redis cannot be reached", e);
      var reason = " (%s)".formatted(e.getMessage());
      if (e.getClass().equals(BullMqException.class) && !reason.equals(problem)) {
        // It answers, but cannot be used; waiting does not change that.
        log.error("Redis cannot be used: {}", e.getMessage());
      }
      problem = reason;
    }
  }

  /** Gives up a connection, if it is still the current one. */
  void lost(StatefulRedisConnection<String, String> connection) {
    lock.lock();
    try {
      if (!connection.equals(current)) {
        return;
      }
      current = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    log.warn("Connection to Redis lost; reconnecting");
    onLost.forEach(Runnable::run);
    // Frees what Lettuce still holds for it; there is nothing to wait for.
    var _ = connection.closeAsync();
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the time, or until the connection's state is no longer the given one. */
  private void pause(long millis, boolean whileUp) throws InterruptedException {
    var left = TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      while (!closed && left > 0 && (current != null) == whileUp) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
