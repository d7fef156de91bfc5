package dev.millrace.cluster.locks;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Locks among the threads of this process, first come, first served. */
public final class LocalLocks implements Locks {
  private final Map<String, Queue> queues = new HashMap<>();
  private long tokens;

  /** Who holds a lock, and who waits for it. Exists only while somebody does. */
  private static final class Queue {
    private @Nullable LocalLock holder;
    private final Deque<Waiter> waiters = new ArrayDeque<>();
  }

  private record Waiter(LockOptions options, CompletableFuture<LocalLock> turn) {}

  @Override
  public Lock acquire(String key, LockOptions options) throws InterruptedException {
    var waiter = new Waiter(options, new CompletableFuture<>());
    synchronized (this) {
      var queue = queues.computeIfAbsent(key, _ -> new Queue());
      if (queue.holder == null) {
        return hold(key, queue, options);
      }
      queue.waiters.addLast(waiter);
    }
    try {
      return waiter.turn().get(options.patience().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      giveUp(key, waiter);
      throw new LockAcquireException(key, options.patience());
    } catch (InterruptedException e) {
      giveUp(key, waiter);
      throw e;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the locks are closed", e);
    }
  }

  @Override
  public synchronized @Nullable Lock tryAcquire(String key, LockOptions options) {
    var queue = queues.computeIfAbsent(key, _ -> new Queue());
    return queue.holder == null ? hold(key, queue, options) : null;
  }

  private synchronized LocalLock hold(String key, Queue queue, LockOptions options) {
    var lock = new LocalLock(key, ++tokens, options);
    queue.holder = lock;
    lock.begin();
    return lock;
  }

  private void giveUp(String key, Waiter waiter) {
    synchronized (this) {
      var queue = queues.get(key);
      if (queue != null && queue.waiters.remove(waiter)) {
        return;
      }
    }
    // It got the lock at the very moment in which it gave up.
    var _ = waiter.turn().thenAccept(LocalLock::release);
  }

  private synchronized void free(LocalLock lock) {
    var key = lock.key();
    var queue = queues.get(key);
    if (queue == null || queue.holder != lock) {
      return;
    }
    queue.holder = null;
    var next = queue.waiters.pollFirst();
    if (next == null) {
      queues.remove(key);
    } else {
      next.turn().complete(hold(key, queue, next.options()));
    }
  }

  /** Returns how many wait for a lock. */
  synchronized int waiting(String key) {
    var queue = queues.get(key);
    return queue == null ? 0 : queue.waiters.size();
  }

  private synchronized boolean isHolder(LocalLock lock) {
    var queue = queues.get(lock.key());
    return queue != null && queue.holder == lock;
  }

  @Override
  public void close() {
    var held = new ArrayList<LocalLock>();
    synchronized (this) {
      for (var queue : queues.values()) {
        queue.waiters.forEach(
            waiter -> waiter.turn().completeExceptionally(new IllegalStateException("closed")));
        queue.waiters.clear();
        if (queue.holder != null) {
          held.add(queue.holder);
        }
      }
    }
    held.forEach(LocalLock::release);
  }

  private final class LocalLock extends Lease {
    LocalLock(String key, long token, LockOptions options) {
      super(key, token, options, System.nanoTime());
    }

    void begin() {
      start();
    }

    @Override
    protected boolean renew(Duration length) {
      return isHolder(this);
    }

    @Override
    protected void free() {
      LocalLocks.this.free(this);
    }
  }
}
