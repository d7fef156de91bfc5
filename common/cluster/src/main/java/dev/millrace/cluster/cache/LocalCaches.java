package dev.millrace.cluster.cache;

/** Caches in the memory of this process. */
public final class LocalCaches implements Caches {
  private final CacheRegistry registry = new CacheRegistry();

  @Override
  public <V> Cache<V> create(String name, Codec<V> codec, CacheOptions options) {
    // Without a shared store behind it there has to be something here.
    var needed =
        options.localEntries() > 0
            ? options
            : options.withLocalEntries(CacheOptions.DEFAULT.localEntries());
    return registry.get(name, () -> new LocalCache<>(name, needed));
  }

  @Override
  public void close() {
    registry.forEach(Cache::reset);
  }
}
