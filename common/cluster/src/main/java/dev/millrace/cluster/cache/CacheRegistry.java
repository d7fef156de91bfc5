package dev.millrace.cluster.cache;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The caches that were made, by name. */
final class CacheRegistry {
  private final Map<String, Cache<?>> caches = new ConcurrentHashMap<>();

  // Who asks twice for a name with two types of values gets what a wrong cast gets everywhere.
  @SuppressWarnings("unchecked")
  <V> Cache<V> get(String name, Supplier<Cache<V>> make) {
    if (!name.matches("[^\\s:*?\\[\\]\\\\]{1,100}")) {
      throw new IllegalArgumentException(
          "a cache's name has 1 to 100 characters without spaces and :*?[]\\, not '" + name + "'");
    }
    return (Cache<V>) caches.computeIfAbsent(name, _ -> make.get());
  }

  void forEach(Consumer<Cache<?>> action) {
    caches.values().forEach(action);
  }
}
