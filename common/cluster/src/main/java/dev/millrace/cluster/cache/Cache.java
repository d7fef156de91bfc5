package dev.millrace.cluster.cache;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Values that are dear to compute, under keys, for a time. With Redis behind it all nodes see the
 * same values, those that a node holds in its own memory a moment late (a message invalidates them;
 * {@link CacheOptions#localTtl} bounds it when that is lost).
 *
 * <p>Values have to be immutable: several threads may get the same object. Null is never a value. A
 * time to live is positive, or {@link CacheOptions#FOREVER}; without one the cache's own applies.
 *
 * <p>Thread-safe. Operations other than {@code wrap} throw {@link
 * dev.millrace.cluster.UnavailableException} while the store is away; {@code wrap} then computes.
 *
 * @param <V> the values
 */
public interface Cache<V> {
  /** Returns the name, unique among the caches of a cluster; it begins the keys in Redis. */
  String name();

  /** Returns the value; null when there is none, or its time is over. */
  @Nullable V get(String key);

  /** Stores a value for as long as the cache's values live. */
  void set(String key, V value);

  /** Stores a value for a time. */
  void set(String key, V value, Duration ttl);

  /** Removes a value; does nothing when there is none. */
  void del(String key);

  /** Returns the values that there are. */
  Map<String, V> mget(Collection<String> keys);

  /** Stores values for as long as the cache's values live. */
  void mset(Map<String, ? extends V> values);

  /** Stores values for a time. */
  void mset(Map<String, ? extends V> values, Duration ttl);

  /** Removes values. */
  void mdel(Collection<String> keys);

  /** Removes all values of this cache, and of no other. */
  void reset();

  /**
   * Returns the keys that have values, as {@link #get} takes them. Looks through the store: slow.
   */
  Set<String> keys();

  /**
   * Replaces a value by one that is computed from it, as one step that no other change comes
   * between; what is left of its time to live stays as it is.
   *
   * @param change gets null when there is no value; a result of null removes it. May be called
   *     several times, so it should have no effects
   * @return what it returned last
   */
  @Nullable V update(String key, Change<V> change);

  /** Computes a value from the one before. */
  @FunctionalInterface
  interface Change<V> {
    /**
     * Returns the next value.
     *
     * @param value null when there is none
     * @return null to remove it
     */
    @Nullable V from(@Nullable V value);
  }

  /**
   * Returns the value, which is computed and stored when there is none. While one caller computes,
   * all others of the cluster wait for it and take its result. When it fails, those of its own node
   * fail with it, and one of another node tries. A value that was set or removed meanwhile is not
   * overwritten by what was computed.
   *
   * @throws IllegalArgumentException when the loader returns null
   * @throws CacheLoadException when the loader fails with a checked exception; a runtime exception
   *     comes as it is
   */
  V wrap(String key, Loader<? extends V> loader);

  /** As {@link #wrap(String, Loader)}, with a time to live. */
  V wrap(String key, Loader<? extends V> loader, Duration ttl);

  /**
   * As {@link #wrap(String, Loader)}, if the caller wishes, and only for results that are worth it.
   * Others are returned, and computed again each time.
   *
   * @return null only when the loader returned it
   */
  @Nullable V wrapWithCondition(
      String key, Loader<? extends @Nullable V> loader, WrapOptions<? super V> options);
}
