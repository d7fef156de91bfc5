package dev.millrace.cluster.locks;

import dev.millrace.cluster.support.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock that is held until a time, as an adapter got it: keeps the time, by a clock that does not
 * jump, renews, and tells of a loss. Once it is over it never comes back. Thread-safe.
 */
public abstract class Lease implements Lock {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final int RENEWALS = 3;

  private enum State {
    HELD,
    LOST,
    RELEASED
  }

  private final String key;
  private final long token;
  private final LockOptions options;
  private final List<Runnable> notices = new ArrayList<>();
  private final List<Runnable> ends = new ArrayList<>();
  private volatile State state = State.HELD;
  private volatile long deadline;
  private volatile Duration ttl;
  private Timer.@Nullable Planned expiry;
  private Timer.@Nullable Planned renewal;

  /**
   * @param askedNanos when the store was asked for the lock, by {@link System#nanoTime}: the lease
   *     began at that time at the earliest
   */
  protected Lease(String key, long token, LockOptions options, long askedNanos) {
    this.key = key;
    this.token = token;
    this.options = options;
    ttl = options.ttl();
    deadline = askedNanos + ttl.toNanos();
  }

  /**
   * Makes the store's lease end that long from now.
   *
   * @return false when it is somebody else's, or nobody's
   * @throws RuntimeException when that cannot be told; the lease stays as it is
   */
  protected abstract boolean renew(Duration length);

  /** Gives the lock back to the store, if it is still this one's. */
  protected abstract void free();

  /** Runs an action when the lock is released or lost, at once if it is already. */
  final void onEnd(Runnable action) {
    synchronized (this) {
      if (state == State.HELD) {
        ends.add(action);
        return;
      }
    }
    action.run();
  }

  /** Begins to keep the time; called once, by whoever made it. */
  protected final synchronized void start() {
    watch();
    if (options.renew()) {
      var period = Duration.ofNanos(Math.max(1, ttl.toNanos() / RENEWALS));
      renewal = Timer.every(period, this::renewInTime);
    }
  }

  @Override
  public final String key() {
    return key;
  }

  @Override
  public final long token() {
    return token;
  }

  @Override
  public final boolean isHeld() {
    return state == State.HELD && deadline - System.nanoTime() > 0;
  }

  @Override
  public final boolean extend(Duration length) {
    if (length.toMillis() < 1) {
      throw new IllegalArgumentException("a lease must be 1 ms at least, not " + length);
    }
    if (!isHeld()) {
      loseIfOver();
      return false;
    }
    var asked = System.nanoTime();
    if (!renew(length)) {
      lose("somebody else has it");
      return false;
    }
    synchronized (this) {
      if (state != State.HELD) {
        return false;
      }
      ttl = length;
      deadline = asked + length.toNanos();
      watch();
      return isHeld();
    }
  }

  @Override
  public final void onLost(Runnable notice) {
    synchronized (this) {
      if (state == State.HELD) {
        notices.add(notice);
      }
      if (state != State.LOST) {
        return;
      }
    }
    tell(notice);
  }

  @Override
  public final void release() {
    if (end(State.RELEASED)) {
      freeSafely();
    }
  }

  /** The store has told that the lock is not this one's any more. */
  protected final void lose(String why) {
    if (end(State.LOST)) {
      LOG.warn("lock {} (token {}) is lost: {}", key, token, why);
      List<Runnable> toTell;
      synchronized (this) {
        toTell = List.copyOf(notices);
      }
      toTell.forEach(Lease::tell);
      freeSafely();
    }
  }

  private synchronized boolean end(State how) {
    if (state != State.HELD) {
      return false;
    }
    state = how;
    if (expiry != null) {
      expiry.cancel();
    }
    if (renewal != null) {
      renewal.cancel();
    }
    ends.forEach(Runnable::run);
    return true;
  }

  private synchronized void watch() {
    if (expiry != null) {
      expiry.cancel();
    }
    expiry = Timer.after(Duration.ofNanos(deadline - System.nanoTime()), this::loseIfOver);
  }

  private void loseIfOver() {
    if (state == State.HELD && deadline - System.nanoTime() <= 0) {
      lose("its lease is over");
    }
  }

  private void renewInTime() {
    if (!isHeld()) {
      loseIfOver();
      return;
    }
    try {
      var _ = extend(ttl);
    } catch (RuntimeException e) {
      LOG.warn("lock {} could not be renewed, which is tried again: {}", key, e.toString());
    }
  }

  private void freeSafely() {
    try {
      free();
    } catch (RuntimeException e) {
      LOG.warn("lock {} could not be released, others get it in {}: {}", key, ttl, e.toString());
    }
  }

  private static void tell(Runnable notice) {
    try {
      notice.run();
    } catch (RuntimeException e) {
      LOG.warn("what was to be done on the loss of a lock failed", e);
    }
  }
}
