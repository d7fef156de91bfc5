package dev.millrace.cluster.cache;

import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.support.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A cache in Redis. */
final class RedisCache<V> implements Cache<V> {
  private static final Logger LOG = LoggerFactory.getLogger(RedisCache.class);

  private final String name;
  private final Codec<V> codec;
  private final CacheOptions options;
  private final RedisValues values;
  private final PubSub pubSub;
  private final @Nullable LocalStore<V> near;
  private final SharedLoad<V> loads;

  RedisCache(String name, Codec<V> codec, CacheOptions options, RedisValues values, PubSub pubSub) {
    this.name = name;
    this.codec = codec;
    this.options = options;
    this.values = values;
    this.pubSub = pubSub;
    near = options.localEntries() == 0 ? null : new LocalStore<>(options.localEntries());
    loads = new SharedLoad<>(name, codec, values, options.loadLimit());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public @Nullable V get(String key) {
    if (near == null) {
      var bytes = values.get(key);
      return bytes == null ? null : decode(key, bytes);
    }
    var held = near.get(key);
    return held != null ? held : getFar(key, near);
  }

  private @Nullable V getFar(String key, LocalStore<V> near) {
    var stamp = near.stamp(key);
    var read = values.read(key);
    var value = read == null ? null : decode(key, read.value());
    if (read != null && value != null) {
      near.putIfUnchanged(key, value, nearTtl(read.ttl()), stamp);
    }
    return value;
  }

  @Override
  public void set(String key, V value) {
    set(key, value, options.ttl());
  }

  @Override
  public void set(String key, V value, Duration ttl) {
    mset(Map.of(key, Wraps.cacheable(name, key, value)), ttl);
  }

  @Override
  public void del(String key) {
    mdel(List.of(key));
  }

  @Override
  public Map<String, V> mget(Collection<String> keys) {
    var found = new HashMap<String, V>();
    var missing = new ArrayList<String>();
    for (var key : keys) {
      var held = near == null ? null : near.get(key);
      if (held == null) {
        missing.add(key);
      } else {
        found.put(key, held);
      }
    }
    if (!missing.isEmpty()) {
      values
          .getAll(missing)
          .forEach((key, bytes) -> {
            var value = decode(key, bytes);
            if (value != null) {
              found.put(key, value);
            }
          });
    }
    return found;
  }

  @Override
  public void mset(Map<String, ? extends V> all) {
    mset(all, options.ttl());
  }

  @Override
  public void mset(Map<String, ? extends V> all, Duration ttl) {
    CacheOptions.requirePositive("ttl", ttl);
    if (all.isEmpty()) {
      return;
    }
    var encoded = new LinkedHashMap<String, byte[]>();
    all.forEach((key, value) -> encoded.put(key, codec.encode(Wraps.cacheable(name, key, value))));
    values.set(encoded, ttl);
    changed(all.keySet());
  }

  @Override
  public void mdel(Collection<String> keys) {
    values.delete(keys);
    changed(keys);
  }

  @Override
  public void reset() {
    values.newGeneration();
    forgetAll();
    var _ = pubSub.publish(RedisCaches.CHANNEL, new Changed(name, null));
    var _ = Timer.after(Duration.ZERO, values::sweep);
  }

  @Override
  public Set<String> keys() {
    return values.keys();
  }

  @Override
  public @Nullable V update(String key, Change<V> change) {
    var deadline = System.nanoTime() + options.loadLimit().toNanos();
    while (System.nanoTime() - deadline < 0) {
      var before = values.get(key);
      var value = change.from(before == null ? null : decode(key, before));
      var after = value == null ? null : codec.encode(value);
      if (values.change(key, before, after, options.ttl())) {
        changed(List.of(key));
        return value;
      }
    }
    throw new UnavailableException(
        key + " of cache " + name + " changes all the time; it could not be updated");
  }

  @Override
  public V wrap(String key, Loader<? extends V> loader) {
    return wrap(key, loader, options.ttl());
  }

  @Override
  public V wrap(String key, Loader<? extends V> loader, Duration ttl) {
    Loader<V> strict = () -> Wraps.cacheable(name, key, loader.load());
    return Wraps.cacheable(name, key, load(key, strict, _ -> true, ttl));
  }

  @Override
  public @Nullable V wrapWithCondition(
      String key, Loader<? extends @Nullable V> loader, WrapOptions<? super V> wrap) {
    if (!wrap.useCache()) {
      return Wraps.load(name, key, loader);
    }
    var ttl = wrap.ttl();
    return load(key, loader, wrap.isCacheable()::test, ttl == null ? options.ttl() : ttl);
  }

  private @Nullable V load(
      String key, Loader<? extends @Nullable V> loader, Wraps.Test<V> cacheable, Duration ttl) {
    CacheOptions.requirePositive("ttl", ttl);
    var held = near == null ? null : near.get(key);
    if (held != null) {
      return held;
    }
    var stamp = near == null ? 0 : near.stamp(key);
    var loaded = loads.get(key, loader, cacheable, ttl);
    if (loaded != null && loaded.stored() && near != null) {
      near.putIfUnchanged(key, loaded.value(), nearTtl(loaded.ttl()), stamp);
    }
    return loaded == null ? null : loaded.value();
  }

  void forget(String key) {
    if (near != null) {
      near.remove(key);
    }
  }

  void forgetAll() {
    if (near != null) {
      near.clear();
    }
  }

  private void changed(Collection<String> keys) {
    keys.forEach(this::forget);
    var _ = pubSub.publish(RedisCaches.CHANNEL, new Changed(name, keys));
  }

  private Duration nearTtl(Duration ttl) {
    return ttl.compareTo(options.localTtl()) < 0 ? ttl : options.localTtl();
  }

  /** Returns null when the bytes are none of ours, e.g. of another version: as good as no value. */
  private @Nullable V decode(String key, byte[] bytes) {
    try {
      return codec.decode(bytes);
    } catch (IllegalArgumentException e) {
      LOG.warn(
          "{} of cache {} cannot be read and counts as missing: {}", key, name, e.getMessage());
      return null;
    }
  }
}
