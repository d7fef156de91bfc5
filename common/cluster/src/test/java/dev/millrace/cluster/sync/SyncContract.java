package dev.millrace.cluster.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What every kind of sync messages does; its log and its transactions are the kind's. */
public abstract class SyncContract {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration WHILE = Duration.ofMillis(400);

  /** Returns one more node of the test's cluster, not connected; the test closes it. */
  protected abstract SyncMessages newNode();

  /** Does something in a transaction, which commits or rolls back then. */
  protected abstract void transaction(boolean commits, Consumer<Transaction> work);

  private SyncMessages node() {
    var node = newNode();
    node.connect();
    return node;
  }

  private static void awaitMessages(List<String> heard, String... json) {
    await().atMost(SOON).until(() -> heard.size() >= json.length);
    assertThat(heard).containsExactly(json);
  }

  private static void staysEmpty(List<String> heard) {
    await().during(WHILE).atMost(SOON).until(heard::isEmpty);
  }

  @Test
  void theOtherNodesHearAndThePublisherDoesNot() {
    try (var here = node();
        var there = node()) {
      var mine = new CopyOnWriteArrayList<String>();
      var theirs = new CopyOnWriteArrayList<String>();
      here.subscribe("c", message -> mine.add(message.json()));
      there.subscribe("c", message -> theirs.add(message.json()));
      there.subscribe("other", message -> theirs.add("wrong channel"));
      here.publish("c", "one");
      here.publish("c", "two");
      awaitMessages(theirs, "\"one\"", "\"two\"");
      staysEmpty(mine);
      there.publish("c", "three");
      awaitMessages(mine, "\"three\"");
    }
  }

  @Test
  void aMessageOfATransactionIsSentWhenThatCommits() {
    try (var here = node();
        var there = node()) {
      var heard = new CopyOnWriteArrayList<String>();
      there.subscribe("c", message -> heard.add(message.json()));
      transaction(
          true,
          transaction -> {
            here.publish("c", 1, transaction);
            staysEmpty(heard);
          });
      awaitMessages(heard, "1");
    }
  }

  @Test
  void aMessageOfATransactionThatRollsBackIsNotSent() {
    try (var here = node();
        var there = node()) {
      var heard = new CopyOnWriteArrayList<String>();
      there.subscribe("c", message -> heard.add(message.json()));
      transaction(false, transaction -> here.publish("c", "never", transaction));
      here.publish("c", "after");
      awaitMessages(heard, "\"after\"");
    }
  }

  @Test
  void aNodeThatStoppedHearsNothing() {
    try (var here = node()) {
      var heard = new CopyOnWriteArrayList<String>();
      var there = node();
      there.subscribe("c", message -> heard.add(message.json()));
      there.close();
      here.publish("c", 1);
      staysEmpty(heard);
    }
  }

  @Test
  void aHandlerThatThrowsOrIsSlowHoldsNobodyElseBack() {
    try (var here = node();
        var there = node()) {
      var heard = new CopyOnWriteArrayList<String>();
      there.subscribe(
          "c",
          message -> {
            throw new IllegalStateException("cannot");
          });
      there.subscribe("c", message -> Thread.currentThread().join(Duration.ofSeconds(1)));
      there.subscribe("c", message -> heard.add(message.json()));
      here.publish("c", 1);
      here.publish("c", 2);
      awaitMessages(heard, "1", "2");
    }
  }

  @Test
  void unsubscribes() {
    try (var here = node();
        var there = node()) {
      var heard = new CopyOnWriteArrayList<String>();
      there.subscribe("c", message -> heard.add(message.json())).close();
      here.publish("c", 1);
      staysEmpty(heard);
    }
  }
}
