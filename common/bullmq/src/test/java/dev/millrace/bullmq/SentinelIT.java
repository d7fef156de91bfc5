package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.testing.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The master dies, and Sentinel makes its replica the new one. */
class SentinelIT {
  private static final Duration FAILOVER = Duration.ofSeconds(30);

  @Test
  void workGoesOnWithTheNewMaster(@TempDir Path folder) throws Exception {
    assumeTrue(
        SentinelProcess.onPath("redis-server").isPresent(),
        "a Sentinel needs a redis-server on the PATH");
    try (var master = RedisProcess.start();
        var replica = RedisProcess.start("--replicaof", "127.0.0.1 " + master.port());
        var sentinel = SentinelProcess.start(folder, master.port())) {
      awaitReplica(master);
      awaitSentinel(sentinel);
      var uri = RedisURI.create("redis-sentinel://127.0.0.1:%d/0#main".formatted(sentinel.port()));
      try (var connections = RedisConnections.connect(uri)) {
        workAcrossFailover(connections, master, replica);
      }
    }
  }

  private static void workAcrossFailover(
      RedisConnections connections, RedisProcess master, RedisProcess replica) {
    Set<String> done = ConcurrentHashMap.newKeySet();
    var queue = new Queue(connections, "failover", QueueOptions.DEFAULT);
    try (var _ =
        Worker.start(
            connections,
            "failover",
            job -> {
              done.add(job.job().name());
              return null;
            },
            TestQueue.workerOptions().build())) {
      queue.add("before", "{}");
      await().until(() -> done.contains("before"));
      connections.shared().sync().waitForReplication(1, 2000);

      master.kill();

      await()
          .atMost(FAILOVER)
          .ignoreException(RedisUnavailableException.class)
          .until(() -> !queue.add("after", "{}").id().isEmpty());
      await().atMost(Duration.ofSeconds(10)).until(() -> done.contains("after"));
      assertThat(connections.shared().sync().info("server")).contains("tcp_port:" + replica.port());
    }
  }

  private static void awaitReplica(RedisProcess master) {
    try (var client = RedisClient.create(master.url());
        var connection = client.connect()) {
      await()
          .atMost(FAILOVER)
          .until(() -> connection.sync().info("replication").contains("state=online"));
    }
  }

  /** A Sentinel can only promote replicas that it has heard of. */
  private static void awaitSentinel(SentinelProcess sentinel) {
    try (var client = RedisClient.create();
        var connection =
            await()
                .atMost(FAILOVER)
                .ignoreExceptions()
                .until(
                    () -> client.connectSentinel(RedisURI.create("127.0.0.1", sentinel.port())),
                    _ -> true)) {
      await().atMost(FAILOVER).until(() -> !connection.sync().replicas("main").isEmpty());
    }
  }
}
