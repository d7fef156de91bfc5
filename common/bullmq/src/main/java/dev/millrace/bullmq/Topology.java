package dev.millrace.bullmq;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.SlotHash;
import java.util.List;

/** How Redis is set up, and where to begin to look for it. */
public sealed interface Topology {
  /** Returns the topology that a URI names: Sentinels if it has any, otherwise one server. */
  static Topology of(RedisURI uri) {
    return uri.getSentinels().isEmpty() ? new Standalone(uri) : new Sentinel(uri);
  }

  /** As {@link Cluster#Cluster}. */
  static Topology cluster(String prefix, RedisURI... seeds) {
    return new Cluster(List.of(seeds), prefix);
  }

  /** One server, or something that looks like one. */
  record Standalone(RedisURI uri) implements Topology {}

  /**
   * The master that Sentinels name. They are asked for each new connection, so that a failover is
   * followed as soon as the old connections break or refuse to write.
   *
   * @param uri e.g. {@code redis-sentinel://host1:26379,host2:26379/0#mymaster}
   */
  record Sentinel(RedisURI uri) implements Topology {
    public Sentinel {
      if (uri.getSentinels().isEmpty() || uri.getSentinelMasterId() == null) {
        throw new IllegalArgumentException(
            "a Sentinel topology needs the addresses of Sentinels and the name of the master, e.g."
                + " redis-sentinel://host1:26379,host2:26379/0#mymaster");
      }
    }
  }

  /**
   * A Redis Cluster. Scripts build the keys of jobs themselves, so all keys of a queue, and of all
   * queues that flows join, must be in one slot: the prefix carries a hash tag, and connections
   * serve the queues of that slot. An application with several hash tags opens connections for
   * each.
   *
   * @param seeds some of the nodes; the others are learnt from them
   * @param prefix the prefix of the queues, e.g. <code>{bull}</code>; a queue with another prefix
   *     is served if its keys hash to the same slot
   */
  record Cluster(List<RedisURI> seeds, String prefix) implements Topology {
    public Cluster {
      seeds = List.copyOf(seeds);
      if (seeds.isEmpty()) {
        throw new IllegalArgumentException("a Cluster needs the address of at least one node");
      }
      if (!hasHashTag(prefix)) {
        throw new IllegalArgumentException(noHashTag(prefix));
      }
    }

    /** Returns the slot that all keys hash to. */
    int slot() {
      return SlotHash.getSlot(prefix);
    }

    /**
     * Makes sure that a queue is in the slot.
     *
     * @throws IllegalArgumentException when it is not
     */
    void requireSlotOf(Keys keys) {
      if (!hasHashTag(keys.base())) {
        throw new IllegalArgumentException(noHashTag(keys.prefix()));
      }
      if (SlotHash.getSlot(keys.base()) != slot()) {
        throw new IllegalArgumentException(
            "the keys of queue %s hash to slot %d, but these connections are for the prefix %s, slot %d; give the queue that prefix or open connections for its own"
                .formatted(keys.qualifiedName(), SlotHash.getSlot(keys.base()), prefix, slot()));
      }
    }

    private static boolean hasHashTag(String key) {
      var open = key.indexOf('{');
      return open >= 0 && key.indexOf('}', open + 1) > open + 1;
    }

    private static String noHashTag(String prefix) {
      return "on a Redis Cluster all keys of a queue must be in one slot, so the prefix needs a hash"
          + " tag, e.g. {%s} instead of %s".formatted(prefix, prefix);
    }
  }
}
