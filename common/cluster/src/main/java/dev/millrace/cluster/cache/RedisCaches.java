package dev.millrace.cluster.cache;

import dev.millrace.cluster.Payload;
import dev.millrace.cluster.pubsub.MessageHandler;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.pubsub.SubscribeOptions;
import dev.millrace.cluster.support.RedisLink;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Caches in Redis, with a part of their values in the memory of this node. */
public final class RedisCaches implements Caches {
  static final String CHANNEL = "millrace.cache";

  private final RedisLink link;
  private final PubSub pubSub;
  private final CacheOptions defaults;
  private final CacheRegistry registry = new CacheRegistry();
  private final Map<String, RedisCache<?>> listening = new ConcurrentHashMap<>();

  /**
   * @param link closed by the caller, after this
   * @param pubSub tells the nodes what changed; closed by the caller, after this
   */
  public RedisCaches(RedisLink link, PubSub pubSub) {
    this(link, pubSub, CacheOptions.DEFAULT);
  }

  /**
   * As the shorter one.
   *
   * @param defaults options of caches for which nothing else is said
   */
  public RedisCaches(RedisLink link, PubSub pubSub, CacheOptions defaults) {
    this.link = link;
    this.pubSub = pubSub;
    this.defaults = defaults;
    var _ =
        pubSub.subscribe(CHANNEL, new Invalidations(), SubscribeOptions.DEFAULT.withBuffer(10_000));
  }

  @Override
  public CacheOptions defaults() {
    return defaults;
  }

  @Override
  public <V> Cache<V> create(String name, Codec<V> codec, CacheOptions options) {
    return registry.get(
        name,
        () -> {
          var cache = new RedisCache<>(name, codec, options, new RedisValues(link, name), pubSub);
          listening.put(name, cache);
          return cache;
        });
  }

  @Override
  public void close() {
    listening.values().forEach(RedisCache::forgetAll);
  }

  private final class Invalidations implements MessageHandler {
    @Override
    public void handle(Payload message) {
      var changed = message.as(Changed.class);
      if (changed == null) {
        return;
      }
      var cache = listening.get(changed.cache());
      if (cache == null) {
        return;
      }
      var keys = changed.keys();
      if (keys == null) {
        cache.forgetAll();
      } else {
        keys.forEach(cache::forget);
      }
    }

    @Override
    public void onGap() {
      listening.values().forEach(RedisCache::forgetAll);
    }
  }
}
