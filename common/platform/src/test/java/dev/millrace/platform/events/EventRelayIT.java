package dev.millrace.platform.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.flows.engine.FlowEvent;
import dev.millrace.testing.TestRedis;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.StringNode;

class EventRelayIT {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final RedisClient client = RedisClient.create(TestRedis.url());
  private EventPublisher publisher;
  private EventSubscriber subscriber;

  @BeforeEach
  void connect() {
    publisher = new EventPublisher(client.connect());
    subscriber = new EventSubscriber(client.connectPubSub());
  }

  @AfterEach
  void disconnect() {
    publisher.close();
    subscriber.close();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
  }

  @Test
  void losesNothingOfManyStreamsThatEndAtOnce() throws Exception {
    var runs = 200;
    var tokens = 50;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<java.util.concurrent.Future<List<String>>>();
      for (var i = 0; i < runs; i++) {
        results.add(threads.submit(() -> relay(UUID.randomUUID().toString(), tokens)));
      }
      var expected = IntStream.range(0, tokens).mapToObj(i -> "\"t" + i + "\"").toList();
      for (var result : results) {
        assertThat(result.get()).isEqualTo(expected);
      }
    }
  }

  @Test
  void keepsTwoRunsOfOneChatApart() throws Exception {
    var chat = UUID.randomUUID().toString();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = threads.submit(() -> relay(chat, 100));
      var second = threads.submit(() -> relay(chat, 100));

      assertThat(first.get()).hasSize(100);
      assertThat(second.get()).hasSize(100);
    }
  }

  @Test
  void hearsAFlowiseWorkerWithoutRunIds() {
    var chat = UUID.randomUUID().toString();
    var heard = Collections.synchronizedList(new ArrayList<StreamEvent>());
    try (var stream = subscriber.subscribe(chat, UUID.randomUUID(), heard::add, LIMIT);
        var node = client.connect()) {
      node.sync()
          .publish(chat, "{\"chatId\":\"" + chat + "\",\"eventType\":\"custom\",\"data\":{}}");
      stream.fence(LIMIT);

      assertThat(heard).containsExactly(new StreamEvent("custom", "{}"));
    }
  }

  @Test
  void subscribesAgainAfterTheLastStreamClosed() {
    var chat = UUID.randomUUID().toString();
    for (var i = 0; i < 20; i++) {
      assertThat(relay(chat, 3)).hasSize(3);
    }
    try (var node = client.connect()) {
      await().untilAsserted(() -> assertThat(node.sync().pubsubNumsub(chat)).containsValue(0L));
    }
  }

  private List<String> relay(String chat, int tokens) {
    var run = UUID.randomUUID();
    var heard = Collections.synchronizedList(new ArrayList<String>());
    try (var stream = subscriber.subscribe(chat, run, e -> heard.add(e.dataJson()), LIMIT)) {
      var events = publisher.open(chat, run);
      for (var i = 0; i < tokens; i++) {
        events.emit(new FlowEvent("token", StringNode.valueOf("t" + i)));
      }
      assertThat(events.awaitDelivered(LIMIT)).isTrue();
      stream.fence(LIMIT);
    }
    return List.copyOf(heard);
  }
}
