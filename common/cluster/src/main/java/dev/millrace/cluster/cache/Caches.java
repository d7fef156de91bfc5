package dev.millrace.cluster.cache;

/** The caches of a node. Thread-safe. */
public interface Caches extends AutoCloseable {
  /** Returns the cache of a name, which is made at the first call; later ones get the same. */
  <V> Cache<V> create(String name, Codec<V> codec, CacheOptions options);

  /** As the longer one, with {@link CacheOptions#DEFAULT}. */
  default <V> Cache<V> create(String name, Codec<V> codec) {
    return create(name, codec, CacheOptions.DEFAULT);
  }

  /** Frees memory and connections; what is in a shared store stays there. */
  @Override
  void close();
}
