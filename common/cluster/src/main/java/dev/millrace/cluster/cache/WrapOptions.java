package dev.millrace.cluster.cache;

import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * When {@link Cache#wrapWithCondition} uses the cache.
 *
 * @param useCache false neither reads nor writes
 * @param isCacheable which results are stored; null never is, and is not shown to it
 * @param ttl null for the cache's own
 * @param <V> the values
 */
public record WrapOptions<V>(
    boolean useCache, Predicate<? super V> isCacheable, @Nullable Duration ttl) {

  /** Returns options that use the cache and store every result but null. */
  public static <V> WrapOptions<V> defaults() {
    return new WrapOptions<>(true, _ -> true, null);
  }

  public WrapOptions<V> withUseCache(boolean value) {
    return new WrapOptions<>(value, isCacheable, ttl);
  }

  public WrapOptions<V> withCacheable(Predicate<? super V> value) {
    return new WrapOptions<>(useCache, value, ttl);
  }

  public WrapOptions<V> withTtl(Duration value) {
    return new WrapOptions<>(useCache, isCacheable, value);
  }
}
