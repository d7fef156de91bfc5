package dev.millrace.cluster.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LocalCacheTest extends CacheContract {
  @Override
  Caches open() {
    return new LocalCaches();
  }

  @Test
  void isBounded() {
    var small = open().create("small", Codec.strings(), CacheOptions.DEFAULT.withLocalEntries(100));
    for (var i = 0; i < 10_000; i++) {
      small.set("k" + i, "v");
    }
    assertThat(small.keys()).hasSizeLessThanOrEqualTo(100);
  }
}
