package dev.millrace.bullmq;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lets calls that come while others are on their way travel together in the next one.
 *
 * <p>A call that finds nothing on its way is sent at once, alone: a caller that waits for each
 * reply pays one round trip, and many callers at once share few. More than one may be on its way,
 * so that Redis has work while we deal with its last reply; order is kept only if one is.
 *
 * @param <T> what a caller asks
 * @param <R> what it gets
 */
final class Coalescer<T, R> {
  private final int maxOnTheirWay;
  private final int maxItems;
  private final int maxBytes;
  private final int maxPending;
  private final IntSupplier enough;
  private final ToIntFunction<T> size;
  private final Function<List<T>, CompletableFuture<List<R>>> sender;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Call<T, R>> pending = new ArrayDeque<>();
  private int onTheirWay;

  /**
   * @param maxOnTheirWay how many batches may wait for their replies
   * @param maxItems how many travel together at most
   * @param maxBytes how many bytes travel together, unless a single item is larger
   * @param maxPending how many may wait; more are refused
   * @param enough how many make it worth while to send them although others are on their way
   * @param sender sends a batch; its reply has one element per item, in order
   */
  Coalescer(
      int maxOnTheirWay,
      int maxItems,
      int maxBytes,
      int maxPending,
      IntSupplier enough,
      ToIntFunction<T> size,
      Function<List<T>, CompletableFuture<List<R>>> sender) {
    this.maxOnTheirWay = maxOnTheirWay;
    this.maxItems = maxItems;
    this.maxBytes = maxBytes;
    this.maxPending = maxPending;
    this.enough = enough;
    this.size = size;
    this.sender = sender;
  }

  private record Call<T, R>(T item, CompletableFuture<R> reply) {}

  /** Sends an item, now or with the next batch. */
  CompletableFuture<R> submit(T item) {
    return submitAll(List.of(item)).getFirst();
  }

  /** Sends items, in order. */
  List<CompletableFuture<R>> submitAll(List<T> items) {
    var replies = new ArrayList<CompletableFuture<R>>(items.size());
    List<Call<T, R>> batch;
    lock.lock();
    try {
      if (pending.size() + items.size() > maxPending + maxItems) {
        throw new BullMqException(
            pending.size() + " calls wait for Redis already; try again when it has caught up");
      }
      for (var item : items) {
        var call = new Call<T, R>(item, new CompletableFuture<>());
        pending.add(call);
        replies.add(call.reply());
      }
      batch = nextBatch();
    } finally {
      lock.unlock();
    }
    send(batch);
    return replies;
  }

  private List<Call<T, R>> nextBatch() {
    if (onTheirWay == maxOnTheirWay || pending.isEmpty()) {
      return List.of();
    }
    if (onTheirWay > 0 && pending.size() < enough.getAsInt()) {
      // The next reply takes them along.
      return List.of();
    }
    onTheirWay++;
    var batch = new ArrayList<Call<T, R>>();
    var bytes = 0L;
    while (!pending.isEmpty() && batch.size() < maxItems) {
      bytes += size.applyAsInt(pending.getFirst().item());
      if (bytes > maxBytes && !batch.isEmpty()) {
        break;
      }
      batch.add(pending.removeFirst());
    }
    return batch;
  }

  private void send(List<Call<T, R>> first) {
    var batch = first;
    while (!batch.isEmpty()) {
      var sent = batch;
      CompletableFuture<List<R>> reply;
      try {
        reply = sender.apply(sent.stream().map(Call::item).toList());
      } catch (RuntimeException e) {
        reply = CompletableFuture.failedFuture(e);
      }
      if (!reply.isDone()) {
        // Whoever receives the reply sends what has come together since.
        var _ =
            reply.whenComplete((results, error) -> {
              send(afterReply());
              answer(sent, results, error);
            });
        return;
      }
      // In a loop, since replies that fail at once would pile up on the stack.
      var _ = reply.whenComplete((results, error) -> answer(sent, results, error));
      batch = afterReply();
    }
  }

  private List<Call<T, R>> afterReply() {
    lock.lock();
    try {
      onTheirWay--;
      return nextBatch();
    } finally {
      lock.unlock();
    }
  }

  private static <T, R> void answer(
      List<Call<T, R>> sent, @Nullable List<R> results, @Nullable Throwable error) {
    for (var i = 0; i < sent.size(); i++) {
      var reply = sent.get(i).reply();
      if (results != null && i < results.size()) {
        reply.complete(results.get(i));
      } else {
        reply.completeExceptionally(
            error != null ? error : new BullMqException("Redis answered too little"));
      }
    }
  }
}
