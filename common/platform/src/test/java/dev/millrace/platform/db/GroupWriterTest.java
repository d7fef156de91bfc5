package dev.millrace.platform.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class GroupWriterTest {
  private static final GroupWriter.Limits LIMITS =
      new GroupWriter.Limits(100, 50, Duration.ofMillis(20), Duration.ofSeconds(10));

  private final List<List<Integer>> batches = new CopyOnWriteArrayList<>();

  @Test
  void writesWhatGathersDuringAWriteAsOneBatch() {
    var firstIsWriting = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    try (var writer =
        new GroupWriter<Integer>(
            "test",
            entries -> {
              batches.add(entries);
              firstIsWriting.countDown();
              await(goOn);
            },
            LIMITS)) {
      var futures = new ArrayList<CompletableFuture<Void>>();
      futures.add(writer.write(0));
      await(firstIsWriting);
      for (var i = 1; i <= 30; i++) {
        futures.add(writer.write(i));
      }

      goOn.countDown();
      futures.forEach(GroupWriterTest::get);

      assertThat(batches).hasSize(2);
      assertThat(batches.get(1)).hasSize(30).isSorted();
    }
  }

  @Test
  void doesNotDelayALoneWrite() {
    var patient = new GroupWriter.Limits(10, 10, Duration.ofHours(1), Duration.ofSeconds(10));
    try (var writer = new GroupWriter<Integer>("test", batches::add, patient)) {
      var _ = writer.writeLater(1);
      get(writer.write(2));

      assertThat(batches).containsExactly(List.of(1, 2));
    }
  }

  @Test
  void hurriesWhatSomebodyWaitsForAfterAll() {
    var patient = new GroupWriter.Limits(10, 10, Duration.ofHours(1), Duration.ofSeconds(10));
    try (var writer = new GroupWriter<Integer>("test", batches::add, patient)) {
      var written = writer.writeLater(1);
      writer.hurry();
      get(written);
      writer.hurry();
      var later = writer.writeLater(2);

      assertThat(batches).containsExactly(List.of(1));
      assertThat(later).isNotDone();
    }
  }

  @Test
  void writesWhatNobodyWaitsForAfterAWhile() {
    try (var writer = new GroupWriter<Integer>("test", batches::add, LIMITS)) {
      var _ = writer.writeLater(1);

      Awaitility.await().until(() -> !batches.isEmpty());
      assertThat(batches).containsExactly(List.of(1));
    }
  }

  @Test
  void failsOnlyTheEntryAtFault() {
    var stored = new CopyOnWriteArrayList<Integer>();
    var goOn = new CountDownLatch(1);
    try (var writer =
        new GroupWriter<Integer>(
            "test",
            entries -> {
              await(goOn);
              if (entries.contains(13)) {
                throw new IllegalArgumentException("13 is poison");
              }
              stored.addAll(entries);
            },
            LIMITS)) {
      var futures = new ArrayList<CompletableFuture<Void>>();
      for (var i = 0; i < 40; i++) {
        futures.add(writer.write(i));
      }
      goOn.countDown();

      for (var i = 0; i < 40; i++) {
        var future = futures.get(i);
        if (i == 13) {
          assertThatThrownBy(() -> get(future)).hasMessageContaining("13 is poison");
        } else {
          get(future);
        }
      }
      assertThat(stored).hasSize(39).isSorted();
    }
  }

  @Test
  void ridesOutAnOutageAndGivesUpInTheEnd() {
    var outages = new AtomicInteger(2);
    try (var writer =
        new GroupWriter<Integer>("test", entries -> failWhile(outages, entries), LIMITS)) {
      get(writer.write(1));
      assertThat(batches).containsExactly(List.of(1));
    }
    outages.set(Integer.MAX_VALUE);
    var hasty = new GroupWriter.Limits(10, 10, Duration.ZERO, Duration.ofMillis(50));
    try (var writer =
        new GroupWriter<Integer>("test", entries -> failWhile(outages, entries), hasty)) {
      assertThatThrownBy(() -> get(writer.write(2))).hasMessageContaining("away");
    }
  }

  @Test
  void holdsCallersBackWhenItIsFull() {
    var goOn = new CountDownLatch(1);
    var writing = new CountDownLatch(1);
    var small = new GroupWriter.Limits(2, 1, Duration.ZERO, Duration.ofMillis(100));
    try (var writer =
        new GroupWriter<Integer>(
            "test",
            entries -> {
              writing.countDown();
              await(goOn);
            },
            small)) {
      var first = writer.write(0);
      await(writing);
      var _ = writer.writeLater(1);
      var _ = writer.writeLater(2);

      assertThatThrownBy(() -> writer.write(3))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContaining("2 writes wait");
      goOn.countDown();
      get(first);
    }
  }

  @Test
  void writesWhatIsPendingBeforeItCloses() {
    var slow = new GroupWriter.Limits(10, 10, Duration.ofHours(1), Duration.ofSeconds(10));
    var writer = new GroupWriter<Integer>("test", batches::add, slow);
    var _ = writer.writeLater(1);

    writer.close();

    assertThat(batches).containsExactly(List.of(1));
    assertThatThrownBy(() -> writer.write(2)).hasMessageContaining("closed");
  }

  private void failWhile(AtomicInteger outages, List<Integer> entries) {
    if (outages.getAndDecrement() > 0) {
      throw new DatabaseUnavailableException("away", null);
    }
    batches.add(entries);
  }

  private static void get(CompletableFuture<Void> future) {
    future.orTimeout(10, TimeUnit.SECONDS).join();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
