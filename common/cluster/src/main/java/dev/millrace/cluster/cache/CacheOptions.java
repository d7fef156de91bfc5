package dev.millrace.cluster.cache;

import java.time.Duration;

/**
 * How a cache keeps its values.
 *
 * @param ttl how long values live for which nothing else is said
 * @param localEntries values that each node holds in its own memory, the least used go first; zero
 *     for none, where there is a shared store
 * @param localTtl how long a node goes on using such a value without asking the shared store
 * @param loadLimit how long a caller waits for another that computes the value before it computes
 *     itself
 */
public record CacheOptions(Duration ttl, int localEntries, Duration localTtl, Duration loadLimit) {
  /** A time to live without an end. */
  public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

  /** Values for ever, 2,000 in memory for up to a minute, loaders of up to 30 s. */
  public static final CacheOptions DEFAULT =
      new CacheOptions(FOREVER, 2_000, Duration.ofMinutes(1), Duration.ofSeconds(30));

  public CacheOptions {
    requirePositive("ttl", ttl);
    requirePositive("localTtl", localTtl);
    requirePositive("loadLimit", loadLimit);
    if (localEntries < 0) {
      throw new IllegalArgumentException("localEntries must not be negative: " + localEntries);
    }
  }

  static Duration requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + " must be positive, not " + value);
    }
    return value;
  }

  public CacheOptions withTtl(Duration value) {
    return new CacheOptions(value, localEntries, localTtl, loadLimit);
  }

  public CacheOptions withLocalEntries(int value) {
    return new CacheOptions(ttl, value, localTtl, loadLimit);
  }

  public CacheOptions withLocalTtl(Duration value) {
    return new CacheOptions(ttl, localEntries, value, loadLimit);
  }

  public CacheOptions withLoadLimit(Duration value) {
    return new CacheOptions(ttl, localEntries, localTtl, value);
  }
}
