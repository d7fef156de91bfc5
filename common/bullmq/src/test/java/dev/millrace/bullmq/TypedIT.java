package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;

/** Jobs with data of the application's own types, typed events, and waiting for results. */
class TypedIT {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private TestQueue q;
  private QueueEvents events;

  record Order(String item, int count) {}

  record Receipt(long total) {}

  @BeforeEach
  void open() throws InterruptedException {
    q = new TestQueue(TestRedis.url());
    events = QueueEvents.open(q.connections, q.name, "bull");
    assertThat(events.awaitReady(LIMIT)).isTrue();
  }

  @AfterEach
  void close() {
    events.close();
    q.close();
  }

  @Test
  void dataAndResultsKeepTheirTypes() throws InterruptedException {
    var orders = JobCodec.json(Order.class);
    var receipts = JobCodec.json(new TypeReference<List<Receipt>>() {});
    var queue = new TypedQueue<>(q.queue, orders, receipts);
    TypedProcessor<Order, List<Receipt>> ship =
        (order, _) -> order.count() == 0 ? null : List.of(new Receipt(order.count() * 3L));
    q.start(ship.with(orders, receipts));

    var job = queue.add("ship", new Order("tea", 2));
    assertThat(queue.waitUntilFinished(events, job, LIMIT)).contains(List.of(new Receipt(6)));
    var stored = q.queue.job(job.id()).orElseThrow();
    assertThat(stored.data()).isEqualTo("{\"item\":\"tea\",\"count\":2}");
    assertThat(queue.data(stored)).isEqualTo(new Order("tea", 2));
    assertThat(queue.result(stored)).contains(List.of(new Receipt(6)));

    var none = queue.add("ship", new Order("tea", 0));
    assertThat(queue.waitUntilFinished(events, none, LIMIT)).isEmpty();
    assertThat(
            queue.addBulk("ship", List.of(new Order("a", 1), new Order("b", 1)), JobOptions.NONE))
        .hasSize(2);
  }

  @Test
  void dataThatDoesNotFitFailsTheJob() throws InterruptedException {
    TypedProcessor<Order, Receipt> ship = (order, _) -> new Receipt(order.count());
    q.start(ship.with(JobCodec.json(Order.class), JobCodec.json(Receipt.class)));
    var job = q.queue.add("ship", "[1]");
    assertThatExceptionOfType(JobWaitException.Failed.class)
        .isThrownBy(() -> events.waitUntilFinished(job, LIMIT))
        .withMessageStartingWith("the JSON is no ");
  }

  @Test
  void waitingEndsInNodesWords() throws InterruptedException {
    var job = q.add("slow");
    assertThatExceptionOfType(JobWaitException.TimedOut.class)
        .isThrownBy(() -> events.waitUntilFinished(job, Duration.ofMillis(50)))
        .withMessage(
            "Job wait slow timed out before finishing, no finish notification arrived after 50ms"
                + " (id=1)");
    assertThat(events.waitingCount()).isZero();
    q.queue.remove("1");
    assertThatExceptionOfType(JobWaitException.Gone.class)
        .isThrownBy(() -> events.waitUntilFinished(job, LIMIT))
        .withMessage("Missing key for job " + q.key("1") + ". isFinished");
  }

  @Test
  void eventsComeWithTheirTypes() {
    var seen = new CopyOnWriteArrayList<TypedQueueEvent>();
    events.subscribeTyped(seen::add);
    q.start(job -> {
      job.updateProgress("7");
      return "{\"a\":1}";
    });
    q.add("j");
    q.queue.publishEvent("mine", Map.of("x", "1"));
    await().until(() -> seen.contains(new TypedQueueEvent.Drained()) && seen.size() >= 7);
    assertThat(seen)
        .contains(
            new TypedQueueEvent.Added("1", "j"),
            new TypedQueueEvent.Waiting("1", Optional.empty()),
            new TypedQueueEvent.Active("1", Optional.of("waiting")),
            new TypedQueueEvent.Progress("1", "7"),
            new TypedQueueEvent.Completed("1", "{\"a\":1}", Optional.of("active")));
    assertThat(seen)
        .filteredOn(TypedQueueEvent.Other.class::isInstance)
        .singleElement()
        .satisfies(e -> assertThat(((TypedQueueEvent.Other) e).event().name()).isEqualTo("mine"));
  }

  @Test
  void eventsCanBeReadFromWhereAReaderStopped() throws InterruptedException {
    var first = q.queue.publishEvent("mine", Map.of("n", "1"));
    q.queue.publishEvent("mine", Map.of("n", "2"));
    try (var later = QueueEvents.openAfter(q.connections, q.name, "bull", first)) {
      var seen = new CopyOnWriteArrayList<String>();
      later.subscribe(event -> seen.add(event.fields().getOrDefault("n", "")));
      assertThat(later.awaitReady(LIMIT)).isTrue();
      q.queue.publishEvent("mine", Map.of("n", "3"));
      await().until(() -> seen.contains("3"));
      // The second may have been read before there was a listener.
      assertThat(seen).doesNotContain("1");
    }
  }
}
