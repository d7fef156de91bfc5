package dev.millrace.bullmq;

import static org.awaitility.Awaitility.await;

import dev.millrace.testing.FreePort;
import dev.millrace.testing.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A Cluster of three masters and a replica of the one that has a given slot. */
final class ClusterNodes implements AutoCloseable {
  private static final int SLOTS = 16_384;
  private static final int MASTERS = 3;
  private static final Duration FORMED = Duration.ofSeconds(30);

  private final List<RedisProcess> processes = new ArrayList<>();
  private final List<StatefulRedisConnection<String, String>> connections = new ArrayList<>();
  private final RedisClient client = RedisClient.create();
  private final int slot;

  private ClusterNodes(int slot) {
    this.slot = slot;
  }

  static ClusterNodes start(int slot) {
    var nodes = new ClusterNodes(slot);
    for (var i = 0; i <= MASTERS; i++) {
      nodes.launch();
    }
    nodes.form();
    return nodes;
  }

  private void launch() {
    var busPort = FreePort.find();
    var process =
        RedisProcess.start(
            "--cluster-enabled", "yes",
            "--cluster-port", Integer.toString(busPort),
            "--cluster-node-timeout", "1500");
    processes.add(process);
    connections.add(client.connect(RedisURI.create(process.url())));
    for (var other : connections.subList(0, connections.size() - 1)) {
      other
          .sync()
          .dispatch(
              io.lettuce.core.protocol.CommandType.CLUSTER,
              new io.lettuce.core.output.StatusOutput<>(io.lettuce.core.codec.StringCodec.UTF8),
              new io.lettuce.core.protocol.CommandArgs<>(io.lettuce.core.codec.StringCodec.UTF8)
                  .add("MEET")
                  .add("127.0.0.1")
                  .add(process.port())
                  .add(busPort));
    }
  }

  private void form() {
    for (var i = 0; i < MASTERS; i++) {
      var from = SLOTS * i / MASTERS;
      var to = SLOTS * (i + 1) / MASTERS;
      on(i).clusterAddSlots(IntStream.range(from, to).toArray());
    }
    var master = on(owner()).clusterMyId();
    // Until they have shaken hands, nodes know each other under names made up for the moment.
    await().atMost(FORMED).until(() -> on(MASTERS).clusterNodes().contains(master));
    on(MASTERS).clusterReplicate(master);
    for (var i = 0; i <= MASTERS; i++) {
      var node = i;
      await().atMost(FORMED).until(() -> on(node).clusterInfo().contains("cluster_state:ok"));
    }
    await().atMost(FORMED).until(() -> on(owner()).info("replication").contains("state=online"));
  }

  /** Returns the index of the master that had the slot in the beginning. */
  int owner() {
    return slot * MASTERS / SLOTS;
  }

  int other() {
    return (owner() + 1) % MASTERS;
  }

  int replica() {
    return MASTERS;
  }

  RedisProcess process(int node) {
    return processes.get(node);
  }

  RedisCommands<String, String> on(int node) {
    return connections.get(node).sync();
  }

  RedisURI seed() {
    return RedisURI.create(process(other()).url());
  }

  /** Moves the slot, with all that it holds, to another master. */
  void moveSlot(int from, int to) {
    on(to).clusterSetSlotImporting(slot, on(from).clusterMyId());
    on(from).clusterSetSlotMigrating(slot, on(to).clusterMyId());
    for (var keys = on(from).clusterGetKeysInSlot(slot, 100);
        !keys.isEmpty();
        keys = on(from).clusterGetKeysInSlot(slot, 100)) {
      for (var key : keys) {
        on(from).migrate("127.0.0.1", process(to).port(), key, 0, 5000);
      }
    }
    var id = on(to).clusterMyId();
    on(to).clusterSetSlotNode(slot, id);
    on(from).clusterSetSlotNode(slot, id);
  }

  @Override
  public void close() {
    connections.forEach(StatefulRedisConnection::close);
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    processes.forEach(RedisProcess::close);
  }
}
