package dev.millrace.cluster.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.Payload;
import dev.millrace.cluster.pubsub.LocalBus;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.pubsub.TransportPubSub;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemorySyncTest extends SyncContract {
  private final LocalBus bus = new LocalBus();
  private final MemorySyncLog log = new MemorySyncLog();
  private final List<PubSub> pubSubs = new ArrayList<>();

  @Override
  protected SyncMessages newNode() {
    var pubSub = new TransportPubSub(bus.join());
    pubSub.connect();
    pubSubs.add(pubSub);
    return new LoggedSyncMessages(log, pubSub, Duration.ofMillis(200));
  }

  @Override
  protected void transaction(boolean commits, Consumer<Transaction> work) {
    var actions = new ArrayList<Runnable>();
    work.accept(actions::add);
    if (commits) {
      actions.forEach(Runnable::run);
    }
  }

  @AfterEach
  void closePubSubs() {
    pubSubs.forEach(PubSub::close);
  }

  @Test
  void aNodeThatWasAwayForTooLongIsTold() throws Exception {
    try (var here = newNode();
        var there = newNode()) {
      here.connect();
      there.connect();
      var heard = new CopyOnWriteArrayList<String>();
      var stuck = new CountDownLatch(1);
      var release = new CountDownLatch(1);
      there.subscribe(
          "c",
          new SyncHandler() {
            @Override
            public void handle(Payload message) throws Exception {
              stuck.countDown();
              release.await();
              heard.add(message.json());
            }

            @Override
            public void onGap() {
              heard.add("gap");
            }
          });
      here.publish("c", 0);
      stuck.await();
      for (var i = 1; i <= 12_000; i++) {
        here.publish("c", i);
      }
      release.countDown();
      await().atMost(Duration.ofSeconds(20)).until(() -> heard.contains("12000"));
      assertThat(heard).startsWith("0").containsOnlyOnce("gap");
    }
  }
}
