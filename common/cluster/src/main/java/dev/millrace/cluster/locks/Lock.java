package dev.millrace.cluster.locks;

import java.time.Duration;

/** A lock that was acquired, for as long as it is held. Thread-safe. */
public interface Lock extends AutoCloseable {
  String key();

  /**
   * Returns the fencing token: larger than that of everyone who held this lock before. What the
   * lock protects should refuse one that is smaller than it has seen.
   */
  long token();

  /**
   * Returns whether it is held, as far as this process can know: false for sure once its lease is
   * over by this machine's clock, also if the process was frozen meanwhile.
   */
  boolean isHeld();

  /**
   * Does nothing while it is held. Call it right before what must not happen twice.
   *
   * @throws LockLostException otherwise
   */
  default void requireHeld() {
    if (!isHeld()) {
      throw new LockLostException(key());
    }
  }

  /**
   * Makes the lease end that long from now, instead of when it would.
   *
   * @return false when the lock is no longer this one's
   * @throws dev.millrace.cluster.UnavailableException when the store is away; the lease stays
   */
  boolean extend(Duration ttl);

  /**
   * Runs a notice once the lock is lost: its lease ran out, or could not be renewed. At once when
   * it is lost already, never after its release. It must not block.
   */
  void onLost(Runnable notice);

  /** Gives the lock to the next; does nothing when it is lost or released already. */
  void release();

  /** As {@link #release}. */
  @Override
  default void close() {
    release();
  }
}
