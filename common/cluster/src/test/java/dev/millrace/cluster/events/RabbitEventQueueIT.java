package dev.millrace.cluster.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.cluster.UnavailableException;
import dev.millrace.testing.FreePort;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RabbitEventQueueIT extends EventQueueContract {
  private static @Nullable RabbitProcess server;

  private final String prefix = "test-" + UUID.randomUUID() + "-";

  @BeforeAll
  static void startServer() throws Exception {
    var missing = RabbitProcess.missing();
    Assumptions.assumeTrue(missing == null, () -> "no RabbitMQ: " + missing);
    server = RabbitProcess.start();
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @Override
  protected EventQueue newNode() {
    return newNode(uri(), RabbitEventTransport.DEFAULT_LIMIT);
  }

  private static String uri() {
    if (server == null) {
      throw new IllegalStateException("no server");
    }
    return server.uri();
  }

  private EventQueue newNode(String uri, int limit) {
    return new TransportEventQueue(new RabbitEventTransport(uri, prefix, limit));
  }

  @Test
  void isBounded() {
    try (var queue = newNode(uri(), 3)) {
      queue.connect();
      // The broker may take one or two more than its limit.
      assertThatThrownBy(() -> publish(queue, 10))
          .isInstanceOf(QueueFullException.class)
          .hasMessageContaining("3 events of c wait already");
      assertThat(queue.waiting("c")).isBetween(3L, 6L);
    }
  }

  private static void publish(EventQueue queue, int events) {
    for (var i = 0; i < events; i++) {
      queue.publish("c", i);
    }
  }

  @Test
  void saysWhenTheServerIsAway() {
    try (var queue = newNode("amqp://guest:guest@127.0.0.1:" + FreePort.find(), 3)) {
      queue.connect();
      assertThatThrownBy(() -> queue.publish("c", 1))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("RabbitMQ at 127.0.0.1:")
          .hasMessageContaining("an event of c");
    }
  }

  @Test
  void roundsWaitsUpByAnEighthAtMost() {
    for (var ms : new long[] {1, 500, 1_000, 1_001, 5_000, 61_234, 3_600_000, 86_400_000}) {
      assertThat(RabbitMessages.roundedUp(Duration.ofMillis(ms))).isBetween(ms, ms + ms / 8 + 1);
    }
  }
}
