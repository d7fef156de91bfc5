package dev.millrace.platform.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.locks.LocalLocks;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeaderTest {
  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final Duration LOOK = Duration.ofMillis(20);

  @Test
  void onlyOneLeadsAndAnotherTakesOver() {
    var locks = new LocalLocks();
    var atOnce = new AtomicInteger();
    var most = new AtomicInteger();
    var looks = new AtomicInteger();
    Runnable duty =
        () -> {
          most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
          looks.incrementAndGet();
          atOnce.decrementAndGet();
        };
    var first = new Leader(locks, "test", LEASE, LOOK).does("it", duty).start();
    await().until(first::leads);
    try (var second = new Leader(locks, "test", LEASE, LOOK).does("it", duty).start()) {
      await().until(() -> looks.get() > 5);
      assertThat(second.leads()).isFalse();

      first.close();

      await().until(second::leads);
      var before = looks.get();
      await().until(() -> looks.get() > before + 3);
    }
    assertThat(most).hasValue(1);
  }

  @Test
  void goesOnWhenADutyFails() {
    var looks = new AtomicInteger();
    try (var leader =
        new Leader(new LocalLocks(), "test", LEASE, LOOK)
            .does(
                "it",
                () -> {
                  looks.incrementAndGet();
                  throw new IllegalStateException("no");
                })
            .start()) {
      await().until(() -> looks.get() > 3);
      assertThat(leader.leads()).isTrue();
    }
  }
}
