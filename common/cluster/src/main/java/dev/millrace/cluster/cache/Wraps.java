package dev.millrace.cluster.cache;

import org.jspecify.annotations.Nullable;

/** What all kinds of caches do around a loader. */
final class Wraps {
  private Wraps() {}

  /** Tells whether a value is worth storing. */
  @FunctionalInterface
  interface Test<V> {
    boolean test(V value);
  }

  /** Returns the value unless it is null, which callers without null checks may pass. */
  static <V> V cacheable(String cache, String key, @Nullable V value) {
    if (value == null) {
      throw new IllegalArgumentException(
          "null is not a cacheable value (" + key + " of cache " + cache + ")");
    }
    return value;
  }

  /** Computes without the cache. */
  static <V> @Nullable V load(String cache, String key, Loader<? extends @Nullable V> loader) {
    try {
      return loader.load();
    } catch (RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CacheLoadException(cache, key, e);
    } catch (Exception e) {
      throw new CacheLoadException(cache, key, e);
    }
  }
}
