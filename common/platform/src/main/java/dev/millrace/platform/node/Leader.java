package dev.millrace.platform.node;

import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.locks.Lock;
import dev.millrace.cluster.locks.LockOptions;
import dev.millrace.cluster.locks.Locks;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does on one node of many what must not be done by all: whoever holds a lock does it. When that
 * node stops, another takes over with its next look; when it dies or freezes, after its lease.
 */
public final class Leader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Leader.class);
  private static final Duration LEASE = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Locks locks;
  private final String key;
  private final Duration lease;
  private final Duration look;
  private final Map<String, Runnable> duties = new LinkedHashMap<>();
  private final ScheduledExecutorService timer;
  private volatile @Nullable Lock lock;
  private boolean away; // only the timer's thread

  /**
   * @param key names the lock
   */
  public Leader(Locks locks, String key) {
    this(locks, key, LEASE, LOOK);
  }

  Leader(Locks locks, String key, Duration lease, Duration look) {
    this.locks = locks;
    this.key = key;
    this.lease = lease;
    this.look = look;
    timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("leader-" + key).factory());
  }

  /** Adds what the leader does at each look; to be called before {@link #start}. */
  public Leader does(String what, Runnable duty) {
    duties.put(what, duty);
    return this;
  }

  /** Begins to ask for the lock. */
  public Leader start() {
    var _ = timer.scheduleWithFixedDelay(this::look, 0, look.toMillis(), TimeUnit.MILLISECONDS);
    return this;
  }

  /** Returns whether this node is the leader now. */
  public boolean leads() {
    var held = lock;
    return held != null && held.isHeld();
  }

  /** Gives the lock to the next. */
  @Override
  public void close() {
    timer.shutdownNow();
    var held = lock;
    if (held != null) {
      held.release();
    }
  }

  private void look() {
    try {
      if (!leads()) {
        lock =
            locks.tryAcquire(key, LockOptions.DEFAULT.withTtl(lease).withPatience(Duration.ZERO));
        if (lock == null) {
          return;
        }
        LOG.info("this node leads: {}", key);
      }
      away = false;
    } catch (UnavailableException e) {
      if (!away) {
        LOG.warn("nobody may lead ({}): {}", key, e.getMessage());
      }
      away = true;
      return;
    } catch (RuntimeException e) {
      LOG.warn("the lock {} could not be asked for", key, e);
      return;
    }
    duties.forEach(this::perform);
  }

  private void perform(String what, Runnable duty) {
    if (!leads()) {
      return;
    }
    try {
      duty.run();
    } catch (RuntimeException e) {
      LOG.warn("{} failed; it is tried again: {}", what, e.getMessage());
    }
  }
}
