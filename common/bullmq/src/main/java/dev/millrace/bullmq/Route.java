package dev.millrace.bullmq;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.Partitions;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Finds the node that a new connection must go to. Thread-safe. */
sealed interface Route {
  /**
   * Returns the node's address as it is now.
   *
   * @throws RuntimeException when nobody who could be asked knows one
   */
  RedisURI node();

  /** Returns addresses for messages. */
  String describe();

  /** One server; or Sentinels, which Lettuce asks each time it connects. */
  record Fixed(RedisURI node) implements Route {
    @Override
    public String describe() {
      return node.toString();
    }
  }

  /** The master of one slot of a Cluster. */
  final class OwnerOfSlot implements Route {
    private static final long ANSWER_LIMIT_MILLIS = 2000;

    private final RedisClient client;
    private final List<RedisURI> seeds;
    private final int slot;
    private volatile List<RedisURI> known = List.of();

    OwnerOfSlot(RedisClient client, List<RedisURI> seeds, int slot) {
      this.client = client;
      this.seeds = seeds;
      this.slot = slot;
    }

    @Override
    public RedisURI node() {
      @Nullable RuntimeException problem = null;
      for (var candidate : candidates()) {
        try {
          var nodes = ask(candidate);
          known =
              nodes.stream().filter(OwnerOfSlot::isUp).map(node -> at(candidate, node)).toList();
          var owner = owner(nodes);
          if (owner != null) {
            return at(candidate, owner);
          }
        } catch (RuntimeException e) {
          problem = e;
        }
      }
      throw new RedisUnavailableException(
          "no node of the Cluster at %s says who serves slot %d".formatted(describe(), slot),
          false,
          problem);
    }

    @Override
    public String describe() {
      return seeds.toString();
    }

    /** Nodes learnt before come first, since seeds may have been replaced long ago. */
    private SequencedSet<RedisURI> candidates() {
      var all = new LinkedHashSet<>(known);
      all.addAll(seeds);
      return all;
    }

    private Partitions ask(RedisURI candidate) {
      var connection = client.connect(Utf8.CODEC, candidate);
      try {
        return ClusterPartitionParser.parse(
            connection
                .async()
                .clusterNodes()
                .toCompletableFuture()
                .get(ANSWER_LIMIT_MILLIS, TimeUnit.MILLISECONDS));
      } catch (ExecutionException | TimeoutException e) {
        throw RedisErrors.translate(
            e, "asking %s for the nodes of the Cluster".formatted(candidate));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BullMqException("interrupted while looking for a node of the Cluster", e);
      } finally {
        RedisConnections.release(connection);
      }
    }

    private @Nullable RedisClusterNode owner(Partitions nodes) {
      for (var node : nodes) {
        // A master that is down keeps its slots until a replica is elected.
        if (node.hasSlot(slot) && node.is(RedisClusterNode.NodeFlag.UPSTREAM) && isUp(node)) {
          return node;
        }
      }
      return null;
    }

    private static boolean isUp(RedisClusterNode node) {
      return !node.is(RedisClusterNode.NodeFlag.FAIL)
          && !node.is(RedisClusterNode.NodeFlag.HANDSHAKE)
          && !node.is(RedisClusterNode.NodeFlag.NOADDR);
    }

    private static RedisURI at(RedisURI like, RedisClusterNode node) {
      var address = node.getUri();
      // A node that was never told its own address reports none: it is the one that was asked.
      var host =
          address.getHost() == null || address.getHost().isEmpty()
              ? like.getHost()
              : address.getHost();
      return Addresses.moved(like, host, address.getPort());
    }
  }
}
