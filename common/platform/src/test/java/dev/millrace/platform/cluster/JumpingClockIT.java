package dev.millrace.platform.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.bullmq.Topology;
import dev.millrace.cluster.events.Backoff;
import dev.millrace.cluster.events.EventConsumer;
import dev.millrace.cluster.events.EventOptions;
import dev.millrace.cluster.events.TransportEventQueue;
import dev.millrace.testing.TestRedis;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events over nodes whose machines' clocks are set: they wait by the clock of Redis. */
class JumpingClockIT {
  private static final Duration DELAY = Duration.ofMillis(1_500);

  private final String name = "jump-" + UUID.randomUUID();
  private final JumpingClock clock = new JumpingClock();
  private RedisConnections alone;
  private RedisConnections wrong;
  private RedisConnections right;
  private TransportEventQueue publisher;
  private TransportEventQueue consumer;

  @BeforeEach
  void open() {
    // Only publishes, so it asks for no time before its first event.
    alone = connections(clock);
    wrong = connections(clock);
    right = connections(new JumpingClock());
    publisher = node(alone);
    consumer = node(wrong);
  }

  @AfterEach
  void close() {
    publisher.close();
    consumer.close();
    alone.close();
    wrong.close();
    right.close();
  }

  private static RedisConnections connections(JumpingClock clock) {
    return RedisConnections.builder(Topology.of(RedisURI.create(TestRedis.url())))
        .clock(clock)
        .serverTime(true)
        .connect();
  }

  private TransportEventQueue node(RedisConnections connections) {
    return new TransportEventQueue(
        new BullMqEventTransport(connections, name, BullMqEventTransport.DEFAULT_LIMIT));
  }

  @ParameterizedTest
  @ValueSource(longs = {-3_600, 3_600})
  void aDelayedEventIsDeliveredOnceInItsTime(long seconds) {
    var arrived = new CopyOnWriteArrayList<Long>();
    consumer.subscribe("c", EventConsumer.of((message, _) -> arrived.add(System.nanoTime())));
    consumer.connect();
    publisher.connect();

    clock.jump(Duration.ofSeconds(seconds));
    var from = System.nanoTime();
    var _ = publisher.publish("c", 1, EventOptions.DEFAULT.withDelay(DELAY));
    clock.jump(Duration.ofSeconds(-seconds));

    await().atMost(Duration.ofSeconds(10)).until(() -> !arrived.isEmpty());
    assertThat(Duration.ofNanos(arrived.getFirst() - from))
        .isBetween(DELAY.minusMillis(50), DELAY.plusSeconds(3));
    var _ = publisher.publish("c", 2);
    await().atMost(Duration.ofSeconds(10)).until(() -> arrived.size() >= 2);
    assertThat(arrived).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(longs = {-3_600, 3_600})
  void aRetryWaitsForItsBackoff(long seconds) {
    var tries = new CopyOnWriteArrayList<Long>();
    consumer.subscribe(
        "c",
        EventConsumer.of((message, _) -> {
          tries.add(System.nanoTime());
          if (tries.size() == 1) {
            throw new IllegalStateException("again");
          }
        }));
    consumer.connect();
    publisher.connect();

    var options = EventOptions.DEFAULT.withMaxRetries(1).withBackoff(new Backoff(DELAY, false));
    var _ = publisher.publish("c", 1, options);
    var queue = new Queue(right, BullMqEventTransport.queueName(name, "c"), QueueOptions.DEFAULT);
    await().atMost(Duration.ofSeconds(5)).until(() -> queue.counts().delayed() == 1);
    clock.jump(Duration.ofSeconds(seconds));

    await().atMost(Duration.ofSeconds(10)).until(() -> tries.size() == 2);
    assertThat(Duration.ofNanos(tries.get(1) - tries.getFirst()))
        .isBetween(DELAY.minusMillis(50), DELAY.plusSeconds(3));
  }
}
