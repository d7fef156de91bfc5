package dev.millrace.cluster.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** A bounded number of values in memory, each for its own time. Thread-safe. */
final class LocalStore<V> {
  /** Longer than any machine runs. */
  private static final long LONGEST = Duration.ofDays(36_500).toNanos();

  private record Held<V>(V value, long deadline) {}

  private final com.github.benmanes.caffeine.cache.Cache<String, Held<V>> values;
  private final ConcurrentMap<String, Held<V>> map;
  private final Stamps stamps = new Stamps();

  LocalStore(int entries) {
    values = Caffeine.newBuilder().maximumSize(entries).expireAfter(new Deadlines<V>()).build();
    map = values.asMap();
  }

  @Nullable V get(String key) {
    var held = values.getIfPresent(key);
    return held == null ? null : held.value();
  }

  void put(String key, V value, Duration ttl) {
    stamps.changed(key);
    map.put(key, held(value, ttl));
  }

  /** Returns what {@link #putIfUnchanged} needs, to be asked before the value is read elsewhere. */
  long stamp(String key) {
    return stamps.of(key);
  }

  /** Puts a value unless its key may have changed since the stamp. */
  void putIfUnchanged(String key, V value, Duration ttl, long stamp) {
    var held = held(value, ttl);
    map.compute(key, (_, old) -> stamps.of(key) == stamp ? held : old);
  }

  void remove(String key) {
    stamps.changed(key);
    map.remove(key);
  }

  void clear() {
    stamps.allChanged();
    values.invalidateAll();
  }

  @Nullable V update(String key, Duration ttl, Cache.Change<V> change) {
    stamps.changed(key);
    var held =
        map.compute(
            key,
            (_, old) -> {
              var value = change.from(old == null ? null : old.value());
              if (value == null) {
                return null;
              }
              return old == null ? held(value, ttl) : new Held<>(value, old.deadline());
            });
    return held == null ? null : held.value();
  }

  Set<String> keys() {
    values.cleanUp();
    return Set.copyOf(map.keySet());
  }

  private static <V> Held<V> held(V value, Duration ttl) {
    return new Held<>(value, System.nanoTime() + nanos(ttl));
  }

  private static long nanos(Duration ttl) {
    return ttl.toDays() >= 36_500 ? LONGEST : ttl.toNanos();
  }

  private static final class Deadlines<V> implements Expiry<String, Held<V>> {
    @Override
    public long expireAfterCreate(String key, Held<V> held, long now) {
      return Math.max(0, held.deadline() - now);
    }

    @Override
    public long expireAfterUpdate(String key, Held<V> held, long now, long left) {
      return Math.max(0, held.deadline() - now);
    }

    @Override
    public long expireAfterRead(String key, Held<V> held, long now, long left) {
      return left;
    }
  }
}
