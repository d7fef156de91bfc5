package dev.millrace.cluster.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.MessageTooLargeException;
import dev.millrace.cluster.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every kind of pub/sub does. */
abstract class PubSubContract {
  private static final Duration SOON = Duration.ofSeconds(5);

  /** Long enough for a message that should not come. */
  private static final Duration WHILE = Duration.ofMillis(300);

  private final List<PubSub> nodes = new ArrayList<>();

  /** Returns one more node of the test's cluster, which is not connected. */
  abstract PubSub newNode();

  @AfterEach
  void closeAll() {
    nodes.forEach(PubSub::close);
  }

  private PubSub unconnected() {
    var node = newNode();
    nodes.add(node);
    return node;
  }

  private PubSub node() {
    var node = unconnected();
    node.connect();
    await().atMost(SOON).until(node::isConnected);
    return node;
  }

  private static final class Heard implements MessageHandler {
    final List<String> messages = new CopyOnWriteArrayList<>();
    final AtomicInteger gaps = new AtomicInteger();

    @Override
    public void handle(Payload message) {
      messages.add(message.json());
    }

    @Override
    public void onGap() {
      gaps.incrementAndGet();
    }
  }

  private static void awaitMessages(Heard heard, String... json) {
    await().atMost(SOON).until(() -> heard.messages.size() >= json.length);
    assertThat(heard.messages).containsExactly(json);
  }

  private static void staysAt(Heard heard, int count) {
    await().during(WHILE).atMost(SOON).until(() -> heard.messages.size() == count);
  }

  @Test
  void deliversNothingAndFailsNotWhileItIsNotConnected() {
    var here = unconnected();
    var there = node();
    var heard = new Heard();
    there.subscribe("c", heard);
    assertThat(here.publish("c", 1)).isFalse();
    staysAt(heard, 0);
  }

  @Test
  void deliversNothingAfterItIsClosed() {
    var here = node();
    var there = node();
    var heard = new Heard();
    there.subscribe("c", heard);
    here.close();
    assertThat(here.publish("c", 1)).isFalse();
    var third = node();
    there.close();
    assertThat(third.publish("c", 1)).isTrue();
    staysAt(heard, 0);
  }

  @Test
  void subscribesBeforeAndAfterConnect() {
    var here = node();
    var there = unconnected();
    var before = new Heard();
    var after = new Heard();
    there.subscribe("c", before);
    there.connect();
    await().atMost(SOON).until(there::isConnected);
    there.subscribe("c", after);
    await()
        .atMost(SOON)
        .until(() -> {
          here.publish("c", 1);
          return !before.messages.isEmpty() && !after.messages.isEmpty();
        });
    assertThat(before.gaps).hasValue(0);
  }

  @Test
  void skipsThePublishingNodeUnlessItIsToldOtherwise() {
    var here = node();
    var there = node();
    var mine = new Heard();
    var theirs = new Heard();
    here.subscribe("c", mine);
    there.subscribe("c", theirs);
    here.publish("c", 1);
    awaitMessages(theirs, "1");
    here.publish("c", 2, PublishOptions.EVERYONE);
    awaitMessages(theirs, "1", "2");
    awaitMessages(mine, "2");
    here.publish("c", 3, PublishOptions.ONLY_SELF);
    awaitMessages(mine, "2", "3");
    staysAt(theirs, 2);
  }

  @Test
  void debouncesByHandlerAndContent() {
    var here = node();
    var there = node();
    var first = new Heard();
    var second = new Heard();
    var plain = new Heard();
    there.subscribe("c", first, SubscribeOptions.debounced(Duration.ofMillis(200)));
    there.subscribe("c", second, SubscribeOptions.debounced(Duration.ofMillis(200)));
    there.subscribe("c", plain);
    for (var i = 0; i < 6; i++) {
      here.publish("c", "m1");
      here.publish("c", "m2");
    }
    await().atMost(SOON).until(() -> plain.messages.size() == 12);
    await().atMost(SOON).until(() -> first.messages.size() + second.messages.size() == 4);
    staysAt(first, 2);
    assertThat(first.messages).containsExactlyInAnyOrder("\"m1\"", "\"m2\"");
    assertThat(second.messages).containsExactlyInAnyOrder("\"m1\"", "\"m2\"");
  }

  @Test
  void dropsWhatIsDebouncedWhenItIsClosed() {
    var here = node();
    var there = node();
    var heard = new Heard();
    var plain = new Heard();
    there.subscribe("c", heard, SubscribeOptions.debounced(Duration.ofMillis(200)));
    there.subscribe("c", plain);
    here.publish("c", 1);
    awaitMessages(plain, "1");
    there.close();
    staysAt(heard, 0);
  }

  @Test
  void deliversEveryTypeUnchanged() {
    var here = node();
    var there = node();
    var heard = new Heard();
    there.subscribe("c", heard);
    for (var value : Arrays.asList(1, List.of(1, "a"), Map.of("a", 1), true, false, null, "ä ö")) {
      here.publish("c", value);
    }
    awaitMessages(heard, "1", "[1,\"a\"]", "{\"a\":1}", "true", "false", "null", "\"ä ö\"");
  }

  @Test
  void stopsWhenItIsUnsubscribed() {
    var here = node();
    var there = node();
    var heard = new Heard();
    var other = new Heard();
    var subscription = there.subscribe("c", heard);
    there.subscribe("c", other);
    here.publish("c", 1);
    awaitMessages(heard, "1");
    subscription.close();
    subscription.close();
    here.publish("c", 2);
    awaitMessages(other, "1", "2");
    staysAt(heard, 1);
  }

  @Test
  void aHandlerThatSubscribesTwiceIsCalledOnce() {
    var here = node();
    var there = node();
    var heard = new Heard();
    there.subscribe("c", heard);
    there.subscribe("c", heard);
    here.publish("c", 1);
    awaitMessages(heard, "1");
    staysAt(heard, 1);
  }

  @Test
  void keepsTheOrderForEachSubscriber() {
    var here = node();
    var there = node();
    var heard = new Heard();
    there.subscribe("c", heard);
    IntStream.range(0, 500).forEach(i -> here.publish("c", i));
    awaitMessages(
        heard, IntStream.range(0, 500).mapToObj(Integer::toString).toArray(String[]::new));
  }

  @Test
  void aSlowHandlerLosesTheOldestAndIsTold() throws Exception {
    var here = node();
    var there = node();
    var release = new CountDownLatch(1);
    var entered = new CountDownLatch(1);
    var slow = new Heard();
    var fast = new Heard();
    there.subscribe(
        "c",
        new MessageHandler() {
          @Override
          public void handle(Payload message) throws Exception {
            entered.countDown();
            release.await();
            slow.handle(message);
          }

          @Override
          public void onGap() {
            slow.onGap();
            slow.messages.add("gap");
          }
        },
        SubscribeOptions.DEFAULT.withBuffer(10));
    there.subscribe("c", fast);
    here.publish("c", 0);
    entered.await();
    IntStream.range(1, 101).forEach(i -> here.publish("c", i));
    await().atMost(SOON).until(() -> fast.messages.size() == 101);
    release.countDown();
    await().atMost(SOON).until(() -> slow.messages.contains("100"));
    assertThat(slow.messages).startsWith("0", "gap").hasSizeLessThan(14);
    assertThat(slow.gaps).hasValue(1);
  }

  @Test
  void aHandlerThatThrowsGetsTheNextMessage() {
    var here = node();
    var there = node();
    var heard = new Heard();
    there.subscribe(
        "c",
        message -> {
          heard.handle(message);
          throw new IllegalStateException("cannot");
        });
    here.publish("c", 1);
    here.publish("c", 2);
    awaitMessages(heard, "1", "2");
  }

  @Test
  void refusesWhatIsTooLarge() {
    var here = node();
    assertThatThrownBy(() -> here.publish("c", "x".repeat(1 << 20)))
        .isInstanceOf(MessageTooLargeException.class)
        .hasMessageContaining("for c has 1,048,578 bytes");
    assertThatThrownBy(() -> here.publish(" ", 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
