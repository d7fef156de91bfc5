package dev.millrace.cluster.locks;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Locks under names, each held by one caller of the cluster at a time. They are not reentrant: who
 * holds one and asks again waits for itself.
 *
 * <p>A lock is a lease: whoever holds it has to renew it, which happens by itself unless the
 * options say otherwise. A process that freezes for longer than its lease has lost the lock when it
 * wakes, and somebody else may be at work. So let what the lock protects refuse a {@link
 * Lock#token} that is smaller than one it has seen, and show it the token with the first read, not
 * only with the write.
 *
 * <p>Thread-safe.
 */
public interface Locks extends AutoCloseable {
  /** As {@link #acquire(String, LockOptions)}, with {@link LockOptions#DEFAULT}. */
  default Lock acquire(String key) throws InterruptedException {
    return acquire(key, LockOptions.DEFAULT);
  }

  /**
   * Waits for a lock, {@link LockOptions#patience} at most; those of one node get it in order.
   *
   * @throws LockAcquireException when it did not become free in that time
   * @throws dev.millrace.cluster.UnavailableException when the store is away
   */
  Lock acquire(String key, LockOptions options) throws InterruptedException;

  /** As {@link #tryAcquire(String, LockOptions)}, with {@link LockOptions#DEFAULT}. */
  default @Nullable Lock tryAcquire(String key) {
    return tryAcquire(key, LockOptions.DEFAULT);
  }

  /**
   * Takes a lock if it is free now; waits for nothing.
   *
   * @return null when somebody else holds it
   * @throws dev.millrace.cluster.UnavailableException when the store is away
   */
  @Nullable Lock tryAcquire(String key, LockOptions options);

  /** As the longer one, with {@link LockOptions#DEFAULT}. */
  default <T extends @Nullable Object, E extends Exception> T runExclusive(
      String key, Work<T, E> work) throws E, InterruptedException {
    return runExclusive(key, LockOptions.DEFAULT, work);
  }

  /**
   * Waits for a lock, does some work, and releases it. If the lock is lost meanwhile, the thread of
   * the work is interrupted.
   *
   * @throws LockAcquireException when it did not become free in time
   * @throws LockLostException when the work returned normally but the lock was lost before that
   */
  default <T extends @Nullable Object, E extends Exception> T runExclusive(
      String key, LockOptions options, Work<T, E> work) throws E, InterruptedException {
    try (var lock = acquire(key, options)) {
      return Exclusive.run(lock, work);
    }
  }

  /** As {@link #runExclusive(String, Work)}, with a lease of that length. */
  default <T extends @Nullable Object, E extends Exception> T runExclusive(
      String key, Duration ttl, Work<T, E> work) throws E, InterruptedException {
    return runExclusive(key, LockOptions.DEFAULT.withTtl(ttl), work);
  }

  /** Work that holds a lock. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object, E extends Exception> {
    /**
     * Does it.
     *
     * @param lock for its token; it is released afterwards
     */
    T run(Lock lock) throws E, InterruptedException;
  }

  /** Releases what is held. */
  @Override
  void close();
}
