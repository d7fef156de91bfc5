package dev.millrace.cluster.locks;

import java.time.Duration;

/**
 * How a lock is acquired and held.
 *
 * @param ttl how long the lease is: after a crash of the holder the lock is free after that
 * @param renew whether the lease is renewed every third of it while the lock is held; if not, the
 *     lock ends after {@code ttl}, whatever its holder does
 * @param patience how long to wait for it
 */
public record LockOptions(Duration ttl, boolean renew, Duration patience) {
  // First: the constructor, which the constant below calls, needs it.
  private static final Duration LONGEST = Duration.ofDays(1);

  /** A lease of 10 s that is renewed, and a minute to wait for it. */
  public static final LockOptions DEFAULT =
      new LockOptions(Duration.ofSeconds(10), true, Duration.ofMinutes(1));

  public LockOptions {
    if (ttl.toMillis() < 1 || ttl.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("ttl must be 1 ms to 1 day, not " + ttl);
    }
    if (patience.isNegative()) {
      throw new IllegalArgumentException("patience must not be negative: " + patience);
    }
  }

  /** Returns options for a lock that is held for that time at most. */
  public static LockOptions fixed(Duration ttl) {
    return new LockOptions(ttl, false, DEFAULT.patience());
  }

  public LockOptions withTtl(Duration value) {
    return new LockOptions(value, renew, patience);
  }

  public LockOptions withPatience(Duration value) {
    return new LockOptions(ttl, renew, value);
  }
}
