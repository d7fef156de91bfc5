package dev.millrace.cluster.cache;

/** Caches in the memory of this process. */
public final class LocalCaches implements Caches {
  private final CacheRegistry registry = new CacheRegistry();
  private final CacheOptions defaults;

  /** Makes caches with {@link CacheOptions#DEFAULT}. */
  public LocalCaches() {
    this(CacheOptions.DEFAULT);
  }

  /**
   * @param defaults options of caches for which nothing else is said
   */
  public LocalCaches(CacheOptions defaults) {
    this.defaults = defaults;
  }

  @Override
  public CacheOptions defaults() {
    return defaults;
  }

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
