package dev.millrace.cluster.cache;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A cache in the memory of this process. */
final class LocalCache<V> implements Cache<V> {
  private final String name;
  private final CacheOptions options;
  private final LocalStore<V> store;
  private final Flights<V> flights;

  LocalCache(String name, CacheOptions options) {
    this.name = name;
    this.options = options;
    store = new LocalStore<>(options.localEntries());
    flights = new Flights<>(name, options.loadLimit());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public @Nullable V get(String key) {
    return store.get(key);
  }

  @Override
  public void set(String key, V value) {
    set(key, value, options.ttl());
  }

  @Override
  public void set(String key, V value, Duration ttl) {
    store.put(key, Wraps.cacheable(name, key, value), CacheOptions.requirePositive("ttl", ttl));
  }

  @Override
  public void del(String key) {
    store.remove(key);
  }

  @Override
  public Map<String, V> mget(Collection<String> keys) {
    var found = new HashMap<String, V>();
    for (var key : keys) {
      var value = store.get(key);
      if (value != null) {
        found.put(key, value);
      }
    }
    return found;
  }

  @Override
  public void mset(Map<String, ? extends V> values) {
    mset(values, options.ttl());
  }

  @Override
  public void mset(Map<String, ? extends V> values, Duration ttl) {
    values.forEach((key, value) -> set(key, value, ttl));
  }

  @Override
  public void mdel(Collection<String> keys) {
    keys.forEach(store::remove);
  }

  @Override
  public void reset() {
    store.clear();
  }

  @Override
  public Set<String> keys() {
    return store.keys();
  }

  @Override
  public @Nullable V update(String key, Change<V> change) {
    return store.update(key, options.ttl(), change);
  }

  @Override
  public V wrap(String key, Loader<? extends V> loader) {
    return wrap(key, loader, options.ttl());
  }

  @Override
  public V wrap(String key, Loader<? extends V> loader, Duration ttl) {
    var value = store.get(key);
    return value != null
        ? value
        : Wraps.cacheable(
            name, key, load(key, () -> Wraps.cacheable(name, key, loader.load()), _ -> true, ttl));
  }

  @Override
  public @Nullable V wrapWithCondition(
      String key, Loader<? extends @Nullable V> loader, WrapOptions<? super V> options) {
    if (!options.useCache()) {
      return Wraps.load(name, key, loader);
    }
    var value = store.get(key);
    var ttl = options.ttl();
    return value != null
        ? value
        : load(key, loader, options.isCacheable()::test, ttl == null ? this.options.ttl() : ttl);
  }

  private @Nullable V load(
      String key, Loader<? extends @Nullable V> loader, Wraps.Test<V> cacheable, Duration ttl) {
    CacheOptions.requirePositive("ttl", ttl);
    return flights.get(
        key,
        () -> {
          // Between the look of the caller and this flight another one may have landed.
          var present = store.get(key);
          if (present != null) {
            return present;
          }
          var stamp = store.stamp(key);
          var value = loader.load();
          if (value != null && cacheable.test(value)) {
            store.putIfUnchanged(key, value, ttl, stamp);
          }
          return value;
        });
  }
}
