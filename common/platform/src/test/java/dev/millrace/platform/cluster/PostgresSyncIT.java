package dev.millrace.platform.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.pubsub.RedisPubSubTransport;
import dev.millrace.cluster.pubsub.TransportPubSub;
import dev.millrace.cluster.support.RedisLink;
import dev.millrace.cluster.sync.LoggedSyncMessages;
import dev.millrace.cluster.sync.SyncContract;
import dev.millrace.cluster.sync.SyncMessages;
import dev.millrace.cluster.sync.Transaction;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.testing.RedisProcess;
import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresSyncIT extends SyncContract {
  private static final int TRANSACTIONS = 10_000;

  private final String prefix = "test-" + UUID.randomUUID() + ":";
  private final List<AutoCloseable> closing = new ArrayList<>();
  private Database database;

  private static final class RolledBack extends RuntimeException {}

  @BeforeEach
  void openDatabase() {
    database = TestDatabase.migrated();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (var each : closing.reversed()) {
      each.close();
    }
    database.close();
  }

  @Override
  protected SyncMessages newNode() {
    return newNode(TestRedis.url());
  }

  private SyncMessages newNode(String redis) {
    var link = new RedisLink(redis, prefix);
    PubSub pubSub = new TransportPubSub(new RedisPubSubTransport(link));
    pubSub.connect();
    closing.addAll(List.of(link, pubSub));
    return new LoggedSyncMessages(new PostgresSyncLog(database), pubSub, Duration.ofSeconds(1));
  }

  @Override
  protected void transaction(boolean commits, Consumer<Transaction> work) {
    try {
      database.inTransaction(handle -> {
        work.accept(new JdbiTransaction(handle));
        if (!commits) {
          throw new RolledBack();
        }
        return true;
      });
    } catch (RolledBack e) {
      // As it was meant.
    }
  }

  @Test
  void refusesTransactionsThatItDoesNotKnow() {
    try (var node = newNode()) {
      assertThatThrownBy(() -> node.publish("c", 1, action -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("JdbiTransaction");
    }
  }

  /** Commits, rollbacks and two outages of Redis; every node hears every commit, and no more. */
  @Test
  void everyCommittedMessageIsHeardByEveryNodeWhateverRedisDoes() throws Exception {
    try (var redis = RedisProcess.start();
        var publisher = newNode(redis.url());
        var second = newNode(redis.url());
        var third = newNode(redis.url())) {
      var heard =
          List.<Set<Integer>>of(ConcurrentHashMap.newKeySet(), ConcurrentHashMap.newKeySet());
      var unordered = new CopyOnWriteArrayList<String>();
      var nodes = List.of(second, third);
      publisher.connect();
      for (var i = 0; i < nodes.size(); i++) {
        var set = heard.get(i);
        nodes.get(i).connect();
        nodes
            .get(i)
            .subscribe(
                "changes",
                message -> {
                  var number = message.as(Integer.class);
                  if (number == null) {
                    unordered.add(message.json());
                  } else {
                    set.add(number);
                  }
                });
      }
      var begun = new AtomicInteger();
      try (var threads = Executors.newFixedThreadPool(4)) {
        for (var i = 0; i < TRANSACTIONS; i++) {
          var number = i;
          threads.execute(() -> {
            transaction(
                number % 3 != 0, transaction -> publisher.publish("changes", number, transaction));
            begun.incrementAndGet();
          });
        }
        for (var outage = 1; outage <= 2; outage++) {
          var at = outage * TRANSACTIONS / 3;
          await().atMost(Duration.ofMinutes(2)).until(() -> begun.get() >= at);
          redis.kill();
          await().atMost(Duration.ofMinutes(2)).until(() -> begun.get() >= at + 500);
          redis.restart();
        }
      }
      var committed = TRANSACTIONS - (TRANSACTIONS + 2) / 3;
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> heard.stream().allMatch(set -> set.size() >= committed));
      assertThat(unordered).isEmpty();
      for (var set : heard) {
        assertThat(set).hasSize(committed).allMatch(number -> number % 3 != 0);
      }
      System.out.printf(
          "%d transactions, %d committed: %d and %d messages heard%n",
          TRANSACTIONS, committed, heard.getFirst().size(), heard.getLast().size());
    }
  }
}
