package dev.millrace.cluster.locks;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Locks in a store that is asked by one caller of this node at a time for each lock; the others
 * queue here, in order. What an adapter implements is the asking.
 */
public abstract class GatedLocks implements Locks {
  private static final LockOptions GATE =
      new LockOptions(Duration.ofDays(1), true, Duration.ofDays(1));
  private static final Duration FIRST_LOOK = Duration.ofMillis(10);
  private static final Duration LONGEST_LOOK = Duration.ofMillis(250);

  private final LocalLocks gates = new LocalLocks();
  private final Map<String, Semaphore> waiting = new ConcurrentHashMap<>();
  private final Set<Lock> held = ConcurrentHashMap.newKeySet();

  /** What the store said: the lock, or about when to ask again at the latest. */
  protected record Answer(@Nullable Lease lock, Duration free) {
    public static Answer got(Lease lock) {
      return new Answer(lock, Duration.ZERO);
    }

    public static Answer held(Duration free) {
      return new Answer(null, free);
    }
  }

  /**
   * Asks the store for a lock.
   *
   * @param patience how long it may wait for that; zero only asks
   * @param gate released by the lock when it is released or lost
   */
  protected abstract Answer ask(String key, LockOptions options, Duration patience, Lock gate)
      throws InterruptedException;

  /** Lets who waits for a lock ask again. */
  protected final void wake(String key) {
    var waiter = waiting.get(key);
    if (waiter != null) {
      waiter.release();
    }
  }

  protected final void wakeAll() {
    waiting.values().forEach(Semaphore::release);
  }

  @Override
  public final Lock acquire(String key, LockOptions options) throws InterruptedException {
    var deadline = System.nanoTime() + options.patience().toNanos();
    var gate = gates.acquire(key, GATE.withPatience(options.patience()));
    try {
      var lock = await(key, options, deadline, gate);
      if (lock == null) {
        throw new LockAcquireException(key, options.patience());
      }
      return keep(lock);
    } catch (Throwable e) {
      gate.release();
      throw e;
    }
  }

  @Override
  public final @Nullable Lock tryAcquire(String key, LockOptions options) {
    var gate = gates.tryAcquire(key, GATE);
    if (gate == null) {
      return null;
    }
    try {
      var lock = ask(key, options, Duration.ZERO, gate).lock();
      if (lock == null) {
        gate.release();
        return null;
      }
      return keep(lock);
    } catch (InterruptedException e) {
      gate.release();
      Thread.currentThread().interrupt();
      return null;
    } catch (RuntimeException e) {
      gate.release();
      throw e;
    }
  }

  private @Nullable Lease await(String key, LockOptions options, long deadline, Lock gate)
      throws InterruptedException {
    var news = new Semaphore(0);
    waiting.put(key, news);
    try {
      for (var pause = FIRST_LOOK; ; pause = longer(pause)) {
        var left = deadline - System.nanoTime();
        var answer = ask(key, options, Duration.ofNanos(Math.max(0, left)), gate);
        if (answer.lock() != null || left <= 0) {
          return answer.lock();
        }
        var sleep = Math.min(Math.min(answer.free().toNanos(), jitter(pause)), left);
        if (news.tryAcquire(sleep, TimeUnit.NANOSECONDS)) {
          news.drainPermits();
        }
      }
    } finally {
      waiting.remove(key, news);
    }
  }

  private static Duration longer(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : doubled;
  }

  private static long jitter(Duration pause) {
    var nanos = pause.toNanos();
    return nanos / 2 + ThreadLocalRandom.current().nextLong(nanos);
  }

  private Lock keep(Lease lock) {
    held.add(lock);
    lock.onEnd(() -> held.remove(lock));
    return lock;
  }

  @Override
  public void close() {
    held.forEach(Lock::release);
    gates.close();
  }
}
