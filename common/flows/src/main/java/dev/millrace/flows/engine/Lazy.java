package dev.millrace.flows.engine;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A value that is fetched once, when somebody asks. Thread-safe; a failure is not kept. */
final class Lazy<T> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Supplier<T> source;
  private volatile @Nullable T value;

  Lazy(Supplier<T> source) {
    this.source = source;
  }

  T get() {
    T known = value;
    if (known != null) {
      return known;
    }
    lock.lock();
    try {
      T found = value;
      if (found == null) {
        found = source.get();
        value = found;
      }
      return found;
    } finally {
      lock.unlock();
    }
  }
}
