package dev.millrace.cluster.cache;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counts changes by groups of keys: who read before a change can tell, and does not store. */
final class Stamps {
  private static final int GROUPS = 1_024;

  private final AtomicLongArray counts = new AtomicLongArray(GROUPS);

  long of(String key) {
    return counts.get(group(key));
  }

  void changed(String key) {
    counts.incrementAndGet(group(key));
  }

  void allChanged() {
    for (var i = 0; i < GROUPS; i++) {
      counts.incrementAndGet(i);
    }
  }

  private static int group(String key) {
    var hash = key.hashCode();
    return (hash ^ hash >>> 16) & GROUPS - 1;
  }
}
