package dev.millrace.platform.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.events.EventConsumer;
import dev.millrace.cluster.events.EventQueue;
import dev.millrace.cluster.events.EventQueueContract;
import dev.millrace.cluster.events.QueueFullException;
import dev.millrace.cluster.events.TransportEventQueue;
import dev.millrace.testing.RedisProcess;
import dev.millrace.testing.TestRedis;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BullMqEventQueueIT extends EventQueueContract {
  private static RedisConnections redis;

  private final String name = "test-" + UUID.randomUUID();

  @BeforeAll
  static void connectRedis() {
    redis = RedisConnections.connect(RedisURI.create(TestRedis.url()));
  }

  @AfterAll
  static void closeRedis() {
    redis.close();
  }

  @Override
  protected EventQueue newNode() {
    return newNode(BullMqEventTransport.DEFAULT_LIMIT);
  }

  private EventQueue newNode(int limit) {
    return new TransportEventQueue(new BullMqEventTransport(redis, name, limit));
  }

  @Test
  void whoeverLooksAtQueuesSeesTheEvents() {
    try (var node = newNode()) {
      node.connect();
      var id = node.publish("thumbnails:make", "m");
      var queue = new Queue(redis, name + "-event-thumbnails.make", QueueOptions.DEFAULT);
      var job = queue.job(id).orElseThrow();
      assertThat(job.data()).contains("\"message\":\"m\"");
      assertThat(queue.counts().waiting()).isEqualTo(1);
    }
  }

  @Test
  void takesJobsThatSomebodyAddedByHand() {
    try (var node = newNode()) {
      var messages = new CopyOnWriteArrayList<String>();
      node.subscribe("c", EventConsumer.of((message, _) -> messages.add(message.json())));
      node.connect();
      new Queue(redis, name + "-event-c", QueueOptions.DEFAULT).add("by hand", "{\"a\":1}");
      await().atMost(Duration.ofSeconds(5)).until(() -> messages.contains("{\"a\":1}"));
    }
  }

  @Test
  void isBounded() {
    try (var node = newNode(3)) {
      node.connect();
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() ->
              assertThatThrownBy(() -> node.publish("c", 1))
                  .isInstanceOf(QueueFullException.class));
    }
  }

  @Test
  void goesOnAfterAnOutage() {
    try (var server = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
        var own = RedisConnections.connect(RedisURI.create(server.url()));
        var node =
            new TransportEventQueue(
                new BullMqEventTransport(own, name, BullMqEventTransport.DEFAULT_LIMIT))) {
      var messages = new CopyOnWriteArrayList<String>();
      node.subscribe("c", EventConsumer.of((message, _) -> messages.add(message.json())));
      node.connect();
      node.publish("c", 1);
      await().atMost(Duration.ofSeconds(5)).until(() -> messages.contains("1"));
      server.kill();
      assertThatThrownBy(() -> node.publish("c", 2))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("an event of c");
      server.restart();
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptionsInstanceOf(UnavailableException.class)
          .until(() -> {
            node.publish("c", 3);
            return true;
          });
      await().atMost(Duration.ofSeconds(20)).until(() -> messages.contains("3"));
    }
  }
}
