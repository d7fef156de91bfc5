package dev.millrace.flows.engine;

import dev.millrace.flows.model.Flow;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Keeps the flows that were compiled last, by the identity of their definition: comparing two flows
 * by value would cost more than compiling. Thread-safe.
 */
final class CompiledFlows {
  private record Key(Flow flow) {
    @Override
    @SuppressWarnings("ReferenceEquality") // the point of this key
    public boolean equals(Object other) {
      return other instanceof Key(var its) && its == flow;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(flow);
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Key, CompiledFlow> kept; // guarded by lock
  private final Function<Flow, CompiledFlow> compiler;

  CompiledFlows(int capacity, Function<Flow, CompiledFlow> compiler) {
    this.compiler = compiler;
    this.kept =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Key, CompiledFlow> eldest) {
            return size() > capacity;
          }
        };
  }

  /** Returns the compiled form; two threads may compile the same flow at the same time. */
  CompiledFlow get(Flow flow) {
    var key = new Key(flow);
    lock.lock();
    try {
      CompiledFlow found = kept.get(key);
      if (found != null) {
        return found;
      }
    } finally {
      lock.unlock();
    }
    CompiledFlow compiled = compiler.apply(flow);
    lock.lock();
    try {
      kept.put(key, compiled);
    } finally {
      lock.unlock();
    }
    return compiled;
  }
}
