package dev.millrace.cluster.events;

import dev.millrace.cluster.events.EventTransport.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The events of one channel in memory, in the order in which they came. Thread-safe. */
final class Mailbox implements EventSource {
  private static final int DEAD_LETTERS = 1_000;

  private record Waiting(Attempt attempt, long dueNanos, long number) {}

  private final String channel;
  private final int limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Attempt> ready = new ArrayDeque<>();
  private final PriorityQueue<Waiting> delayed =
      new PriorityQueue<>(
          Comparator.<Waiting>comparingLong(each -> each.dueNanos() - ORIGIN)
              .thenComparingLong(Waiting::number));
  private final Set<Attempt> taken = new HashSet<>();
  private final ArrayDeque<DeadLetter> dead = new ArrayDeque<>();
  private long number;

  /** System.nanoTime may be negative and overflow; differences to this do not. */
  private static final long ORIGIN = System.nanoTime();

  Mailbox(String channel, int limit) {
    this.channel = channel;
    this.limit = limit;
  }

  void add(Attempt attempt, Duration delay) {
    lock.lock();
    try {
      if (ready.size() + delayed.size() >= limit) {
        throw new QueueFullException(channel, limit);
      }
      put(attempt, delay);
    } finally {
      lock.unlock();
    }
  }

  void restore(List<EventFile.Stored> events) {
    lock.lock();
    try {
      events.forEach(event -> put(event.attempt(), event.delay()));
    } finally {
      lock.unlock();
    }
  }

  /** Removes and returns everything, also what was taken and not settled. */
  List<EventFile.Stored> drain() {
    lock.lock();
    try {
      var all = new ArrayList<EventFile.Stored>();
      taken.forEach(attempt -> all.add(new EventFile.Stored(attempt, Duration.ZERO)));
      ready.forEach(attempt -> all.add(new EventFile.Stored(attempt, Duration.ZERO)));
      var now = System.nanoTime();
      for (var each = delayed.poll(); each != null; each = delayed.poll()) {
        var left = Duration.ofNanos(Math.max(0, each.dueNanos() - now));
        all.add(new EventFile.Stored(each.attempt(), left));
      }
      taken.clear();
      ready.clear();
      return all;
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return ready.size() + delayed.size();
    } finally {
      lock.unlock();
    }
  }

  List<DeadLetter> deadLetters(int limit) {
    lock.lock();
    try {
      return dead.stream().limit(limit).toList();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable Delivery take(Duration wait) throws InterruptedException {
    var left = wait.toNanos();
    lock.lockInterruptibly();
    try {
      while (true) {
        var due = moveDue();
        var next = ready.poll();
        if (next != null) {
          taken.add(next);
          return new Taken(next);
        }
        if (left <= 0) {
          return null;
        }
        var sleep = Math.min(left, due);
        left -= sleep - changed.awaitNanos(sleep);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Makes ready what is due; returns in how many nanoseconds the next one is. */
  private long moveDue() {
    var now = System.nanoTime();
    for (var first = delayed.peek(); first != null; first = delayed.peek()) {
      if (first.dueNanos() - now > 0) {
        return first.dueNanos() - now;
      }
      ready.add(first.attempt());
      delayed.remove();
    }
    return Long.MAX_VALUE;
  }

  private void put(Attempt attempt, Duration delay) {
    if (delay.isZero()) {
      ready.add(attempt);
    } else {
      var nanos = Math.min(delay.toMillis(), Duration.ofDays(3_650).toMillis()) * 1_000_000;
      delayed.add(new Waiting(attempt, System.nanoTime() + nanos, number++));
    }
    changed.signal();
  }

  private final class Taken implements Delivery {
    private final Attempt attempt;

    Taken(Attempt attempt) {
      this.attempt = attempt;
    }

    @Override
    public Attempt attempt() {
      return attempt;
    }

    @Override
    public void done() {
      settle(() -> {});
    }

    @Override
    public void failed(Throwable error) {
      var options = attempt.options();
      var failures = attempt.retried() + 1;
      settle(() -> {
        if (failures <= options.maxRetries()) {
          var next = new Attempt(attempt.id(), attempt.message(), options, failures);
          put(next, options.backoff().after(failures));
          return;
        }
        if (dead.size() >= DEAD_LETTERS) {
          dead.removeLast();
        }
        dead.addFirst(
            new DeadLetter(
                attempt.id(),
                channel,
                attempt.message(),
                failures,
                String.valueOf(error),
                Instant.now()));
      });
    }

    @Override
    public void putBack() {
      settle(() -> {
        ready.addFirst(attempt);
        changed.signal();
      });
    }

    /** Does nothing when the event was drained meanwhile. */
    private void settle(Runnable action) {
      lock.lock();
      try {
        if (taken.remove(attempt)) {
          action.run();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
