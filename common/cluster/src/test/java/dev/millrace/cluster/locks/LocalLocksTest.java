package dev.millrace.cluster.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class LocalLocksTest extends LocksContract {
  private final LocalLocks locks = new LocalLocks();

  @Override
  protected Locks newNode() {
    return locks;
  }

  @Test
  void firstComeFirstServed() throws Exception {
    var order = new CopyOnWriteArrayList<Integer>();
    var threads = new ArrayList<Thread>();
    var held = locks.acquire("k");
    for (var i = 0; i < 10; i++) {
      var number = i;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  var lock = locks.acquire("k");
                  order.add(
                      number); // while it holds the lock: after it, the next one may be faster
                  lock.release();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
      await().atMost(Duration.ofSeconds(5)).until(() -> locks.waiting("k") == number + 1);
    }
    held.release();
    for (var thread : threads) {
      thread.join();
    }
    assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }
}
