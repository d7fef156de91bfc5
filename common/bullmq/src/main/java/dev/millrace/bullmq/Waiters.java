package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Those who wait for jobs to end. Thread-safe. */
final class Waiters {
  private final ConcurrentHashMap<String, Pending> pending = new ConcurrentHashMap<>();

  /**
   * A job that someone waits for.
   *
   * @param nextPollNanos when to ask Redis about it
   */
  private record Pending(List<CompletableFuture<JobOutcome>> futures, long nextPollNanos) {
    Pending with(CompletableFuture<JobOutcome> future, long pollNanos) {
      var all = new ArrayList<>(futures);
      all.add(future);
      return new Pending(
          List.copyOf(all), nextPollNanos - pollNanos < 0 ? nextPollNanos : pollNanos);
    }
  }

  /** Returns a future that ends with the job; cancelling it takes it out. */
  CompletableFuture<JobOutcome> add(String id, long pollNanos) {
    var future = new CompletableFuture<JobOutcome>();
    pending.compute(
        id,
        (_, others) ->
            others == null
                ? new Pending(List.of(future), pollNanos)
                : others.with(future, pollNanos));
    // Also when it is cancelled or timed out by its owner.
    var _ = future.whenComplete((_, _) -> removeDone(id));
    return future;
  }

  boolean has(String id) {
    return pending.containsKey(id);
  }

  boolean isEmpty() {
    return pending.isEmpty();
  }

  int size() {
    return pending.size();
  }

  void finish(String id, JobOutcome outcome) {
    var done = pending.remove(id);
    if (done != null) {
      done.futures().forEach(future -> future.complete(outcome));
    }
  }

  void forget(String id) {
    var gone = pending.remove(id);
    if (gone != null) {
      gone.futures().forEach(future -> future.cancel(false));
    }
  }

  void failAll(BullMqException reason) {
    for (var id : List.copyOf(pending.keySet())) {
      var gone = pending.remove(id);
      if (gone != null) {
        gone.futures().forEach(future -> future.completeExceptionally(reason));
      }
    }
  }

  /** Makes all due to be asked about. */
  void pollAll(long nowNanos) {
    pending.replaceAll((_, p) -> new Pending(p.futures(), nowNanos));
  }

  /** Returns the jobs to ask about now; they are due again at the given time. */
  List<String> due(long nowNanos, long againNanos) {
    var due = new ArrayList<String>();
    pending.forEach((id, p) -> {
      if (nowNanos - p.nextPollNanos() >= 0) {
        due.add(id);
      }
    });
    for (var id : due) {
      pending.computeIfPresent(id, (_, p) -> new Pending(p.futures(), againNanos));
    }
    return due;
  }

  private void removeDone(String id) {
    pending.computeIfPresent(
        id,
        (_, p) -> {
          var left = p.futures().stream().filter(future -> !future.isDone()).toList();
          return left.isEmpty() ? null : new Pending(left, p.nextPollNanos());
        });
  }
}
