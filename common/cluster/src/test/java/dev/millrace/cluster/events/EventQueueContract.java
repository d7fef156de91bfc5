package dev.millrace.cluster.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.MessageTooLargeException;
import dev.millrace.cluster.Payload;
import dev.millrace.cluster.UnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every kind of event queue does. */
public abstract class EventQueueContract {
  private static final Duration SOON = Duration.ofSeconds(15);

  /** Long enough for a call that should not come. */
  private static final Duration WHILE = Duration.ofMillis(700);

  private static final EventOptions RETRY =
      EventOptions.DEFAULT.withBackoff(Backoff.fixed(Duration.ofMillis(100)));

  private final List<EventQueue> opened = new ArrayList<>();
  private EventQueue queue;

  /** Returns one more node of the test's cluster, or the same one where there is only one. */
  protected abstract EventQueue newNode() throws Exception;

  @BeforeEach
  void open() throws Exception {
    queue = unconnected();
  }

  @AfterEach
  void closeAll() {
    opened.forEach(node -> node.close(Duration.ofSeconds(1)));
  }

  private EventQueue unconnected() throws Exception {
    var node = newNode();
    opened.add(node);
    return node;
  }

  private EventQueue connected() {
    queue.connect();
    return queue;
  }

  /** Counts its calls, and each waits for a permit. */
  private static final class Gated implements EventProcessor {
    final List<String> begun = new CopyOnWriteArrayList<>();
    final AtomicInteger active = new AtomicInteger();
    final AtomicInteger mostActive = new AtomicInteger();
    final AtomicInteger done = new AtomicInteger();
    final Semaphore permits = new Semaphore(0);

    @Override
    public void process(Payload message, EventContext context) throws Exception {
      begun.add(message.json());
      mostActive.accumulateAndGet(active.incrementAndGet(), Math::max);
      try {
        permits.acquire();
        done.incrementAndGet();
      } finally {
        active.decrementAndGet();
      }
    }
  }

  @Test
  void publishesNothingBeforeItIsConnected() {
    queue.subscribe("c", EventConsumer.of((_, _) -> {}));
    assertThatThrownBy(() -> queue.publish("c", 1))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("not connected");
  }

  @Test
  void publishesNothingAfterItIsClosed() {
    connected().close();
    assertThatThrownBy(() -> queue.publish("c", 1))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("not connected");
  }

  @Test
  void subscribesBeforeAndAfterConnect() {
    var seen = new CopyOnWriteArrayList<EventContext>();
    var messages = new CopyOnWriteArrayList<String>();
    EventProcessor process =
        (message, context) -> {
          messages.add(message.json());
          seen.add(context);
        };
    queue.subscribe("before", EventConsumer.of(process));
    connected().subscribe("after", EventConsumer.of(process));
    var ids = List.of(queue.publish("before", Map.of("a", 1)), queue.publish("after", "b"));
    await().atMost(SOON).until(() -> seen.size() == 2);
    assertThat(messages).containsExactlyInAnyOrder("{\"a\":1}", "\"b\"");
    assertThat(seen).extracting(EventContext::id).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(seen)
        .allSatisfy(context -> {
          assertThat(context.retried()).isZero();
          assertThat(context.options().timeout()).isEqualTo(Duration.ofSeconds(15));
          assertThat(context.signal().isCancelled()).isFalse();
          assertThat(context.signal().deadline()).isAfter(Instant.now());
        });
  }

  @Test
  void theSecondConsumerOfAChannelIsIgnored() {
    var first = new AtomicInteger();
    var second = new AtomicInteger();
    connected().subscribe("c", EventConsumer.of((_, _) -> first.incrementAndGet()));
    queue.subscribe("c", EventConsumer.of((_, _) -> second.incrementAndGet())).close();
    queue.publish("c", 1);
    await().atMost(SOON).until(() -> first.get() == 1);
    await().during(WHILE).atMost(SOON).until(() -> first.get() + second.get() == 1);
  }

  @Test
  void takesNothingWhileItIsNotIdle() {
    var idle = new AtomicBoolean();
    var calls = new AtomicInteger();
    connected()
        .subscribe("c", EventConsumer.of((_, _) -> calls.incrementAndGet()).withIdle(idle::get));
    queue.publish("c", 1);
    await().during(WHILE).atMost(SOON).until(() -> calls.get() == 0);
    assertThat(queue.waiting("c")).isEqualTo(1);
    idle.set(true);
    await().atMost(SOON).until(() -> calls.get() == 1);
  }

  @Test
  void takesTheNextAsSoonAsOneIsDone() {
    var gated = new Gated();
    connected().subscribe("c", EventConsumer.of(gated));
    queue.publish("c", 1);
    queue.publish("c", 2);
    await().atMost(SOON).until(() -> gated.begun.size() == 1);
    await().during(WHILE).atMost(SOON).until(() -> gated.begun.size() == 1);
    gated.permits.release();
    await().atMost(SOON).until(() -> gated.begun.size() == 2);
    gated.permits.release();
    await().atMost(SOON).until(() -> gated.done.get() == 2);
    assertThat(gated.begun).containsExactly("1", "2");
  }

  @Test
  void triesAgainAndBuriesWhatFailsTooOften() {
    var calls = new AtomicInteger();
    connected()
        .subscribe(
            "c",
            EventConsumer.of((_, context) -> {
              assertThat(context.retried()).isEqualTo(calls.getAndIncrement());
              throw new IllegalStateException("no luck");
            }));
    var id = queue.publish("c", "m", RETRY.withMaxRetries(3));
    await().atMost(SOON).until(() -> calls.get() == 4);
    await().atMost(SOON).until(() -> queue.deadLetters("c", 10).size() == 1);
    assertThat(calls).hasValue(4);
    var dead = queue.deadLetters("c", 10).getFirst();
    assertThat(dead.id()).isEqualTo(id);
    assertThat(dead.message().json()).isEqualTo("\"m\"");
    assertThat(dead.attempts()).isEqualTo(4);
    assertThat(dead.error()).contains("no luck");
    assertThat(dead.failedAt())
        .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
    assertThat(queue.waiting("c")).isZero();
  }

  @Test
  void listsTheNewestDeadLettersFirst() {
    connected()
        .subscribe(
            "c",
            EventConsumer.of((_, _) -> {
              throw new IllegalStateException("no luck");
            }));
    for (var i = 1; i <= 3; i++) {
      queue.publish("c", i);
      var number = i;
      await().atMost(SOON).until(() -> queue.deadLetters("c", 10).size() == number);
    }
    assertThat(queue.deadLetters("c", 2))
        .extracting(letter -> letter.message().json())
        .containsExactly("3", "2");
  }

  @Test
  void cancelsWhatTakesTooLong() {
    var calls = new AtomicInteger();
    var results = new AtomicInteger();
    var reasons = new CopyOnWriteArrayList<String>();
    connected()
        .subscribe(
            "c",
            EventConsumer.of((_, context) -> {
              calls.incrementAndGet();
              var cancelled = new CountDownLatch(1);
              context.signal().onCancel(cancelled::countDown);
              try {
                // Interruptible, so it ends at the deadline if that comes first.
                Thread.currentThread().join(Duration.ofMillis(750));
                results.incrementAndGet();
              } finally {
                if (context.signal().isCancelled()) {
                  reasons.add(String.valueOf(context.signal().reason()));
                  assertThat(cancelled.getCount()).isZero();
                }
              }
            }));
    queue.publish("c", 1, RETRY.withTimeout(Duration.ofMillis(300)).withMaxRetries(1));
    await().atMost(SOON).until(() -> queue.deadLetters("c", 10).size() == 1);
    assertThat(calls).hasValue(2);
    assertThat(results).hasValue(0);
    assertThat(reasons).hasSize(2).allSatisfy(r -> assertThat(r).contains("PT0.3S is over"));
    queue.publish("c", 2, RETRY.withTimeout(Duration.ofSeconds(10)));
    await().atMost(SOON).until(() -> results.get() == 1);
  }

  @Test
  void concurrencyZeroHasNoLimit() {
    var gated = new Gated();
    connected().subscribe("c", EventConsumer.of(gated).withConcurrency(0));
    for (var i = 0; i < 3; i++) {
      queue.publish("c", i);
    }
    await().atMost(SOON).until(() -> gated.active.get() == 3);
    gated.permits.release(3);
    await().atMost(SOON).until(() -> gated.done.get() == 3);
  }

  @Test
  void neverRunsMoreThanItsConcurrency() {
    var gated = new Gated();
    connected().subscribe("c", EventConsumer.of(gated).withConcurrency(2));
    for (var i = 0; i < 5; i++) {
      queue.publish("c", i);
    }
    for (var done = 0; done < 5; done++) {
      var expected = Math.min(2, 5 - done);
      var finished = done;
      await()
          .atMost(SOON)
          .until(() -> gated.active.get() == expected && gated.done.get() == finished);
      gated.permits.release();
    }
    await().atMost(SOON).until(() -> gated.done.get() == 5);
    assertThat(gated.mostActive).hasValue(2);
  }

  @Test
  void oneThatFailsDoesNotDisturbTheOthers() {
    var done = new CopyOnWriteArrayList<String>();
    connected()
        .subscribe(
            "c",
            EventConsumer.of(
                    (message, _) -> {
                      if (message.json().equals("1")) {
                        throw new IllegalStateException("no luck");
                      }
                      done.add(message.json());
                    })
                .withConcurrency(2));
    queue.publish("c", 1);
    queue.publish("c", 2);
    queue.publish("c", 3);
    await().atMost(SOON).until(() -> done.containsAll(List.of("2", "3")));
    await().atMost(SOON).until(() -> queue.deadLetters("c", 10).size() == 1);
  }

  @Test
  void anErrorOfTheProcessorIsAFailureLikeAnyOther() {
    var done = new AtomicInteger();
    connected()
        .subscribe(
            "c",
            EventConsumer.of((message, _) -> {
              if (message.json().equals("1")) {
                throw new NoClassDefFoundError("a plugin without its library");
              }
              done.incrementAndGet();
            }));
    queue.publish("c", 1);
    queue.publish("c", 2);
    await().atMost(SOON).until(() -> done.get() == 1);
    assertThat(queue.deadLetters("c", 1).getFirst().error()).contains("without its library");
  }

  @Test
  void closingWaitsForWhatIsAtWork() {
    var gated = new Gated();
    connected().subscribe("c", EventConsumer.of(gated));
    queue.publish("c", 1);
    await().atMost(SOON).until(() -> gated.active.get() == 1);
    var closed = new AtomicBoolean();
    var closing =
        Thread.ofVirtual()
            .start(() -> {
              queue.close();
              closed.set(true);
            });
    await().during(Duration.ofMillis(400)).atMost(SOON).until(() -> !closed.get());
    gated.permits.release();
    await().atMost(SOON).untilTrue(closed);
    assertThat(closing).isNotNull();
    assertThat(gated.done).hasValue(1);
  }

  @Test
  void whatAStopCancelsIsHandledAgain() throws Exception {
    var gated = new Gated();
    var retried = new CopyOnWriteArrayList<Integer>();
    connected().subscribe("c", EventConsumer.of(gated));
    var id = queue.publish("c", 1);
    await().atMost(SOON).until(() -> gated.active.get() == 1);
    queue.close(Duration.ofMillis(100));
    assertThat(gated.done).hasValue(0);
    var next = unconnected();
    var ids = new CopyOnWriteArrayList<String>();
    next.subscribe(
        "c",
        EventConsumer.of((_, context) -> {
          retried.add(context.retried());
          ids.add(context.id());
        }));
    next.connect();
    await().atMost(SOON).until(() -> !ids.isEmpty());
    assertThat(ids).containsExactly(id);
    assertThat(retried).containsExactly(0);
  }

  @Test
  void whatWaitsAtAStopIsHandledAfterTheNextStart() throws Exception {
    connected().subscribe("c", EventConsumer.of((_, _) -> {}).withIdle(() -> false));
    queue.publish("c", 1);
    queue.publish("c", 2, EventOptions.DEFAULT.withDelay(Duration.ofSeconds(1)));
    queue.close();
    var next = unconnected();
    var messages = new CopyOnWriteArrayList<String>();
    next.subscribe("c", EventConsumer.of((message, _) -> messages.add(message.json())));
    next.connect();
    await().atMost(SOON).until(() -> messages.size() == 2);
    assertThat(messages).containsExactly("1", "2");
  }

  @Test
  void delays() {
    var messages = new CopyOnWriteArrayList<String>();
    var begun = System.nanoTime();
    connected().subscribe("c", EventConsumer.of((message, _) -> messages.add(message.json())));
    queue.publish("c", "late", EventOptions.DEFAULT.withDelay(Duration.ofMillis(600)));
    queue.publish("c", "early");
    await().atMost(SOON).until(() -> messages.size() == 2);
    assertThat(messages).containsExactly("\"early\"", "\"late\"");
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(590));
  }

  @Test
  void publishesWithoutAConsumerOfItsOwn() {
    connected().publish("later", 1);
    var calls = new AtomicInteger();
    queue.subscribe("later", EventConsumer.of((_, _) -> calls.incrementAndGet()));
    await().atMost(SOON).until(() -> calls.get() == 1);
  }

  @Test
  void unsubscribes() {
    var calls = new AtomicInteger();
    var subscription =
        connected().subscribe("c", EventConsumer.of((_, _) -> calls.incrementAndGet()));
    queue.publish("c", 1);
    await().atMost(SOON).until(() -> calls.get() == 1);
    subscription.close();
    // What it was about to take comes back.
    await().during(WHILE).atMost(SOON).until(() -> calls.get() == 1);
    queue.publish("c", 2);
    await().during(WHILE).atMost(SOON).until(() -> calls.get() == 1);
    assertThat(queue.waiting("c")).isEqualTo(1);
  }

  @Test
  void refusesWhatIsTooLarge() {
    connected();
    assertThatThrownBy(() -> queue.publish("c", "x".repeat(1 << 20)))
        .isInstanceOf(MessageTooLargeException.class);
    assertThatThrownBy(() -> queue.publish("", 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
