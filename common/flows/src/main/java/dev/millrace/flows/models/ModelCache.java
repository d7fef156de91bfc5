package dev.millrace.flows.models;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.node.ObjectNode;

/** Keeps the models that were used last, by everything that made them. Thread-safe. */
final class ModelCache {
  private static final int KEPT = 256;

  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Key, BuiltModel> models = // guarded by lock
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, BuiltModel> eldest) {
          return size() > KEPT;
        }
      };

  BuiltModel get(ModelConfig config, List<String> builtIn) {
    var key = new Key(config.provider().node(), config.inputs(), config.credential(), builtIn);
    lock.lock();
    try {
      var kept = models.get(key);
      if (kept == null) {
        kept = BuiltModel.of(config, builtIn); // no input or output: it does not hold others up
        models.put(key.copy(), kept);
      }
      return kept;
    } finally {
      lock.unlock();
    }
  }

  private record Key(String node, ObjectNode inputs, ObjectNode credential, List<String> builtIn) {
    /** The caller may change its trees; a key must not change. */
    Key copy() {
      return new Key(node, inputs.deepCopy(), credential.deepCopy(), List.copyOf(builtIn));
    }

    @Override
    public String toString() {
      return node; // the rest may be secret
    }
  }
}
