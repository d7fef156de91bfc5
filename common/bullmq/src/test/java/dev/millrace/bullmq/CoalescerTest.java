package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CoalescerTest {
  private final List<List<String>> batches = new ArrayList<>();
  private final List<CompletableFuture<List<String>>> replies = new ArrayList<>();
  private final Coalescer<String, String> coalescer =
      new Coalescer<>(1, 3, 10, 5, () -> 1, String::length, this::send);

  private CompletableFuture<List<String>> send(List<String> batch) {
    batches.add(batch);
    var reply = new CompletableFuture<List<String>>();
    replies.add(reply);
    return reply;
  }

  @Test
  void aLoneCallIsSentAtOnceAndLaterOnesTogether() {
    var first = coalescer.submit("a");
    var second = coalescer.submit("b");
    var third = coalescer.submit("c");
    assertThat(batches).containsExactly(List.of("a"));

    assertThat(replies.get(0).complete(List.of("A"))).isTrue();
    assertThat(batches).containsExactly(List.of("a"), List.of("b", "c"));
    assertThat(replies.get(1).complete(List.of("B", "C"))).isTrue();

    assertThat(first).isCompletedWithValue("A");
    assertThat(second).isCompletedWithValue("B");
    assertThat(third).isCompletedWithValue("C");
  }

  @Test
  void anotherCallGoesWhileOneIsOnItsWayWhenEnoughHaveComeTogether() {
    var pair = new Coalescer<String, String>(2, 3, 10, 5, () -> 2, String::length, this::send);
    var _ = pair.submit("a");
    var _ = pair.submit("b");
    assertThat(batches).containsExactly(List.of("a"));

    var _ = pair.submit("c");
    assertThat(batches).containsExactly(List.of("a"), List.of("b", "c"));

    var _ = pair.submit("d");
    assertThat(replies.get(0).complete(List.of("A"))).isTrue();
    assertThat(batches).hasSize(2);
    assertThat(replies.get(1).complete(List.of("B", "C"))).isTrue();
    assertThat(batches.get(2)).containsExactly("d");
  }

  @Test
  void batchesAreBoundedInItemsAndBytes() {
    var _ = coalescer.submitAll(List.of("a", "b", "c", "d"));
    assertThat(batches).containsExactly(List.of("a", "b", "c"));
    var _ = coalescer.submit("0123456789");
    assertThat(replies.get(0).complete(List.of("", "", ""))).isTrue();
    assertThat(batches.get(1)).containsExactly("d");
    assertThat(replies.get(1).complete(List.of(""))).isTrue();
    assertThat(batches.get(2)).containsExactly("0123456789");
  }

  @Test
  void aFailureIsEveryCallersAndTheNextBatchGoesOn() {
    var first = coalescer.submit("a");
    var second = coalescer.submit("b");
    assertThat(replies.get(0).completeExceptionally(new BullMqException("away"))).isTrue();
    assertThat(first).isCompletedExceptionally();
    assertThat(batches).hasSize(2);
    assertThat(replies.get(1).complete(List.of("B"))).isTrue();
    assertThat(second).isCompletedWithValue("B");
  }

  @Test
  void tooManyWaitingAreRefused() {
    for (var i = 0; i < 9; i++) {
      var _ = coalescer.submit("x");
    }
    assertThatThrownBy(() -> coalescer.submit("y"))
        .isInstanceOf(BullMqException.class)
        .hasMessageContaining("wait for Redis already");
  }
}
