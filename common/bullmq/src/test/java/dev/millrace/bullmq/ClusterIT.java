package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Queues on a Redis Cluster whose slots move and whose masters die. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {
  private static final String PREFIX = "{bull}";
  private static final Duration HEALED = Duration.ofSeconds(30);
  private static ClusterNodes nodes;
  private static RedisConnections connections;
  private static Queue queue;
  private static Worker worker;
  private static QueueEvents events;
  private static final Set<String> done = ConcurrentHashMap.newKeySet();

  @BeforeAll
  static void start() throws InterruptedException {
    assumeTrue(
        SentinelProcess.onPath("redis-server").isPresent(),
        "the embedded Redis 6.2 cannot choose its bus port");
    var slot = io.lettuce.core.cluster.SlotHash.getSlot(PREFIX);
    nodes = ClusterNodes.start(slot);
    connections = RedisConnections.builder(Topology.cluster(PREFIX, nodes.seed())).connect();
    queue = new Queue(connections, "c", QueueOptions.DEFAULT.withPrefix(PREFIX));
    events = QueueEvents.open(connections, "c", PREFIX);
    worker =
        Worker.start(
            connections,
            "c",
            job -> {
              done.add(job.job().name());
              return job.job().data();
            },
            TestQueue.workerOptions().prefix(PREFIX).concurrency(3).build());
    assertThat(events.awaitReady(HEALED)).isTrue();
  }

  @AfterAll
  static void stop() {
    if (nodes != null) {
      worker.stop(Duration.ZERO);
      events.close();
      connections.close();
      nodes.close();
    }
  }

  private static void addsAndProcesses(String name) {
    await()
        .atMost(HEALED)
        .ignoreException(RedisUnavailableException.class)
        .until(() -> !queue.add(name, "{}").id().isEmpty());
    await().atMost(HEALED).until(() -> done.contains(name));
  }

  @Test
  @Order(1)
  void aSeedLeadsToTheRightNode() throws Exception {
    var job = queue.add("first", "[1]");

    assertThat(events.whenFinished(job.id()).get(10, TimeUnit.SECONDS))
        .isEqualTo(new JobOutcome.Completed("[1]"));
    assertThat(nodes.on(nodes.owner()).keys("*")).contains("{bull}:c:meta");
  }

  @Test
  @Order(2)
  void aPrefixWithoutHashTagIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Queue(connections, "c", QueueOptions.DEFAULT))
        .withMessageContaining("needs a hash tag");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Worker.start(connections, "c", _ -> null, WorkerOptions.DEFAULT));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QueueEvents.open(connections, "c", "{other}"));
  }

  @Test
  @Order(3)
  void aSlotThatMovesIsFollowed() throws Exception {
    nodes.moveSlot(nodes.owner(), nodes.other());
    addsAndProcesses("moved");
    assertThat(nodes.on(nodes.other()).keys("*")).contains("{bull}:c:meta");

    nodes.moveSlot(nodes.other(), nodes.owner());
    addsAndProcesses("moved back");
  }

  @Test
  @Order(4)
  void aReplicaThatTakesOverIsFollowed() throws Exception {
    connections.shared().sync().waitForReplication(1, 2000);
    nodes.process(nodes.owner()).kill();

    addsAndProcesses("failed over");
    assertThat(nodes.on(nodes.replica()).keys("*")).contains("{bull}:c:meta");
    var job = queue.add("with events", "[2]");
    assertThat(events.whenFinished(job.id()).get(10, TimeUnit.SECONDS))
        .isEqualTo(new JobOutcome.Completed("[2]"));
  }
}
