package dev.millrace.cluster.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every kind of locks does. */
public abstract class LocksContract {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final String key = "lock-" + UUID.randomUUID();
  private final List<Locks> opened = new ArrayList<>();

  /** Returns the locks of one more node; those of this process when there is only one. */
  protected abstract Locks newNode() throws Exception;

  @AfterEach
  void closeAll() {
    opened.forEach(Locks::close);
  }

  private Locks node() throws Exception {
    var node = newNode();
    if (!opened.contains(node)) {
      opened.add(node);
    }
    return node;
  }

  private static <T> Future<T> start(Callable<T> work) {
    var thread = Executors.newVirtualThreadPerTaskExecutor();
    var result = thread.submit(work);
    thread.shutdown();
    return result;
  }

  private static LockOptions fixed(int ms) {
    return LockOptions.fixed(Duration.ofMillis(ms));
  }

  private static LockOptions patient(int ms) {
    return LockOptions.DEFAULT.withPatience(Duration.ofMillis(ms));
  }

  @Test
  void theSecondWaitsForTheRelease() throws Exception {
    var here = node();
    var there = node();
    var events = new CopyOnWriteArrayList<String>();
    var first = here.acquire(key);
    events.add("first in");
    var second =
        start(() -> {
          try (var _ = there.acquire(key)) {
            events.add("second in");
          }
          return "done";
        });
    await().during(Duration.ofMillis(200)).until(() -> events.size() == 1);
    events.add("first out");
    first.release();
    second.get();
    assertThat(events).containsExactly("first in", "first out", "second in");
  }

  @Test
  void aFixedLockEndsByItselfAndTheNextHasALargerToken() throws Exception {
    var here = node();
    var there = node();
    var lost = new AtomicBoolean();
    var first = here.acquire(key, fixed(300));
    first.onLost(() -> lost.set(true));
    var begun = System.nanoTime();
    var second = there.acquire(key);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(100));
    assertThat(second.token()).isGreaterThan(first.token());
    assertThat(first.isHeld()).isFalse();
    await().atMost(SOON).untilTrue(lost);
    assertThatThrownBy(first::requireHeld)
        .isInstanceOf(LockLostException.class)
        .hasMessageContaining(key);
    first.release();
    assertThat(second.isHeld()).isTrue();
    assertThat(here.tryAcquire(key)).isNull();
    second.release();
  }

  @Test
  void runExclusiveRunsOneAtATime() throws Exception {
    var nodes = List.of(node(), node());
    var inside = new AtomicInteger();
    var counter = new int[1];
    var all = new ArrayList<Future<Integer>>();
    for (var i = 0; i < 20; i++) {
      var node = nodes.get(i % 2);
      all.add(
          start(() ->
              node.<Integer, Exception>runExclusive(
                  key,
                  lock -> {
                    assertThat(inside.incrementAndGet()).isEqualTo(1);
                    counter[0]++;
                    return inside.decrementAndGet();
                  })));
    }
    for (var each : all) {
      each.get();
    }
    assertThat(counter[0]).isEqualTo(20);
  }

  @Test
  void aLeaseIsRenewedWhileTheWorkGoesOn() throws Exception {
    var here = node();
    var there = node();
    var lease = LockOptions.DEFAULT.withTtl(Duration.ofMillis(600));
    var lock = here.acquire(key, lease);
    await()
        .during(Duration.ofSeconds(2))
        .atMost(SOON)
        .until(() -> lock.isHeld() && there.tryAcquire(key) == null);
    lock.release();
    assertThat(lock.isHeld()).isFalse();
    Objects.requireNonNull(there.tryAcquire(key)).release();
  }

  @Test
  void tryAcquireDoesNotWait() throws Exception {
    var here = node();
    var there = node();
    var held = Objects.requireNonNull(here.tryAcquire(key));
    assertThat(there.tryAcquire(key)).isNull();
    assertThat(here.tryAcquire(key)).isNull();
    held.close();
    Objects.requireNonNull(there.tryAcquire(key)).release();
  }

  @Test
  void ofTwoAtOnceOneGetsIt() throws Exception {
    var nodes = List.of(node(), node());
    for (var round = 0; round < 20; round++) {
      var go = new CountDownLatch(1);
      var tries = new ArrayList<Future<Lock>>();
      for (var node : nodes) {
        tries.add(
            start(() -> {
              go.await();
              return node.tryAcquire(key);
            }));
      }
      go.countDown();
      var winners = new ArrayList<Lock>();
      for (var each : tries) {
        var lock = each.get();
        if (lock != null) {
          winners.add(lock);
        }
      }
      assertThat(winners).hasSize(1);
      winners.getFirst().release();
    }
  }

  @Test
  void waitsNoLongerThanItsPatience() throws Exception {
    var here = node();
    var there = node();
    var held = here.acquire(key);
    assertThatThrownBy(() -> there.acquire(key, patient(100)))
        .isInstanceOf(LockAcquireException.class)
        .hasMessageContaining(key)
        .hasMessageContaining("PT0.1S");
    assertThatThrownBy(() -> here.acquire(key, patient(100)))
        .isInstanceOf(LockAcquireException.class);
    var waiting = start(() -> there.acquire(key, patient(5_000)));
    held.release();
    waiting.get().release();
    here.acquire(key, patient(2_000)).release();
  }

  @Test
  void isTakenAgainAndAgainWithGrowingTokens() throws Exception {
    var here = node();
    var there = node();
    var last = 0L;
    for (var i = 0; i < 20; i++) {
      var lock = (i % 2 == 0 ? here : there).acquire(key);
      assertThat(lock.token()).isGreaterThan(last);
      last = lock.token();
      lock.release();
      lock.release();
    }
  }

  @Test
  void aLeaseCanBeExtended() throws Exception {
    var here = node();
    var there = node();
    var lock = here.acquire(key, fixed(400));
    assertThat(lock.extend(Duration.ofSeconds(30))).isTrue();
    await()
        .during(Duration.ofMillis(800))
        .atMost(SOON)
        .until(() -> lock.isHeld() && there.tryAcquire(key) == null);
    lock.release();
    assertThat(lock.extend(Duration.ofSeconds(1))).isFalse();
    Objects.requireNonNull(there.tryAcquire(key)).release();
  }

  @Test
  void locksOfOtherNamesDoNotMatter() throws Exception {
    var here = node();
    try (var _ = here.acquire(key);
        var _ = here.acquire(key + "-other")) {
      assertThat(node().tryAcquire(key)).isNull();
    }
  }

  @Test
  void whatFailsInsideLeavesTheLockFree() throws Exception {
    var here = node();
    assertThatThrownBy(() ->
            here.runExclusive(
                key,
                lock -> {
                  throw new IllegalStateException("broken");
                }))
        .hasMessage("broken");
    Objects.requireNonNull(node().tryAcquire(key)).release();
  }
}
