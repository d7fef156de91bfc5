package dev.millrace.cluster.cache;

import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.support.Timer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes a value once in the cluster: one caller of each node asks Redis who is to do it. Who is
 * says every few seconds that it is still at it; if it falls silent, another one takes over.
 */
final class SharedLoad<V> {
  private static final Logger LOG = LoggerFactory.getLogger(SharedLoad.class);
  private static final Duration LEASE = Duration.ofSeconds(10);
  private static final long FIRST_LOOK_MS = 2;
  private static final long LONGEST_LOOK_MS = 50;

  private final String name;
  private final Codec<V> codec;
  private final RedisValues values;
  private final Duration limit;
  private final Flights<Loaded<V>> flights;

  SharedLoad(String name, Codec<V> codec, RedisValues values, Duration limit) {
    this.name = name;
    this.codec = codec;
    this.values = values;
    this.limit = limit;
    flights = new Flights<>(name, limit);
  }

  /** A value, whether it is in Redis, and for how long. */
  record Loaded<V>(V value, boolean stored, Duration ttl) {}

  @Nullable Loaded<V> get(
      String key, Loader<? extends @Nullable V> loader, Wraps.Test<V> cacheable, Duration ttl) {
    return flights.get(key, () -> readOrLoad(key, loader, cacheable, ttl));
  }

  private @Nullable Loaded<V> readOrLoad(
      String key, Loader<? extends @Nullable V> loader, Wraps.Test<V> cacheable, Duration ttl)
      throws Exception {
    var caller = UUID.randomUUID().toString();
    var deadline = System.nanoTime() + limit.toNanos();
    try {
      for (var pause = FIRST_LOOK_MS; ; pause = Math.min(2 * pause, LONGEST_LOOK_MS)) {
        var begun = values.begin(key, caller, LEASE);
        var present = begun.present() == null ? null : decode(key, begun.present());
        if (present != null) {
          return present;
        }
        if (begun.mine() || System.nanoTime() - deadline > 0) {
          break;
        }
        Thread.sleep(pause);
      }
    } catch (UnavailableException e) {
      LOG.warn("{} of cache {} is computed without it: {}", key, name, e.getMessage());
    }
    return load(key, caller, loader, cacheable, ttl);
  }

  private @Nullable Loaded<V> load(
      String key,
      String caller,
      Loader<? extends @Nullable V> loader,
      Wraps.Test<V> cacheable,
      Duration ttl)
      throws Exception {
    var beat = Timer.every(LEASE.dividedBy(3), () -> values.renew(key, caller, LEASE));
    V value = null;
    byte[] result = null;
    try {
      value = loader.load();
      result = value != null && cacheable.test(value) ? codec.encode(value) : null;
    } finally {
      beat.cancel();
      if (result == null) {
        var _ = finish(key, caller, null, ttl);
      }
    }
    if (value == null) {
      return null;
    }
    return new Loaded<>(value, result != null && finish(key, caller, result, ttl), ttl);
  }

  private boolean finish(String key, String caller, byte @Nullable [] result, Duration ttl) {
    try {
      return values.finish(key, caller, result, ttl);
    } catch (UnavailableException e) {
      LOG.warn("{} of cache {} was computed but not stored: {}", key, name, e.getMessage());
      return false;
    }
  }

  private @Nullable Loaded<V> decode(String key, RedisValues.Read read) {
    try {
      return new Loaded<>(codec.decode(read.value()), true, read.ttl());
    } catch (IllegalArgumentException e) {
      LOG.warn("{} of cache {} cannot be read and is computed again", key, name, e);
      values.delete(List.of(key));
      return null;
    }
  }
}
