package dev.millrace.cluster.cache;

/** The caches of a node. Thread-safe. */
public interface Caches extends AutoCloseable {
  /** Returns the cache of a name, which is made at the first call; later ones get the same. */
  <V> Cache<V> create(String name, Codec<V> codec, CacheOptions options);

  /** As the longer one, with {@link #defaults}. */
  default <V> Cache<V> create(String name, Codec<V> codec) {
    return create(name, codec, defaults());
  }

  /** Returns the options of caches for which nothing else is said. */
  CacheOptions defaults();

  /** Frees memory and connections; what is in a shared store stays there. */
  @Override
  void close();
}
