package dev.millrace.platform.db;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets writes of concurrent callers share commits: one thread takes everything that is pending,
 * writes it as one batch, and tells the callers. While it writes, the next batch gathers; a lone
 * write is not delayed.
 *
 * <p>Entries are written in the order in which they were given. A batch that fails is split until
 * the entry at fault stands alone, so that it fails for its own caller only. When PostgreSQL is
 * away, the batch is tried again until its oldest entry has waited for {@code patience}.
 * Thread-safe.
 *
 * @param <E> what is written
 */
public final class GroupWriter<E> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupWriter.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /** Writes entries as one transaction. A batch may be given again: it has to be idempotent. */
  @FunctionalInterface
  public interface Batch<E> {
    void write(List<E> entries);
  }

  /**
   * The bounds of a writer.
   *
   * @param maxPending entries that may wait; who brings one more waits for room
   * @param maxBatch entries of one transaction
   * @param linger how long an entry that nobody waits for may wait for company
   * @param patience how long an entry may wait in all before it fails
   */
  public record Limits(int maxPending, int maxBatch, Duration linger, Duration patience) {
    /** What suits a worker: 4,096 entries, 512 at a time, 20 ms, 30 s. */
    public static final Limits DEFAULT =
        new Limits(4_096, 512, Duration.ofMillis(20), Duration.ofSeconds(30));

    public Limits {
      if (maxPending < 1 || maxBatch < 1) {
        throw new IllegalArgumentException("maxPending and maxBatch have to be 1 or more");
      }
    }
  }

  private record Pending<E>(
      E entry, CompletableFuture<Void> waiter, boolean urgent, long sinceNanos) {}

  private final String name;
  private final Batch<E> batch;
  private final Limits limits;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final ArrayDeque<Pending<E>> queue = new ArrayDeque<>(); // guarded by lock
  private int urgent; // urgent entries in queue; guarded by lock
  private boolean hurried; // what is queued shall not wait for company; guarded by lock
  private boolean closed; // guarded by lock

  /** Starts a writer; its thread carries the name. */
  public GroupWriter(String name, Batch<E> batch, Limits limits) {
    this.name = name;
    this.batch = batch;
    this.limits = limits;
    // A platform thread: scripts that keep all carriers busy must not hold up everybody's writes.
    this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /**
   * Writes an entry as soon as possible. Blocks only while the queue is full.
   *
   * @return completes when the entry is committed; fails with what was wrong with it, or with
   *     {@link DatabaseUnavailableException}
   * @throws DatabaseUnavailableException when the queue stayed full for {@code patience}
   */
  public CompletableFuture<Void> write(E entry) {
    return enqueue(entry, true);
  }

  /**
   * Writes an entry that is not urgent, with the next urgent one or after {@code linger}. A failure
   * is logged. Blocks only while the queue is full.
   *
   * @return as that of {@link #write}
   * @throws DatabaseUnavailableException when the queue stayed full for {@code patience}
   */
  public CompletableFuture<Void> writeLater(E entry) {
    return enqueue(entry, false);
  }

  /** Lets nothing that is pending wait for company any longer. */
  public void hurry() {
    lock.lock();
    try {
      if (!queue.isEmpty() && !hurried) {
        hurried = true;
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Writes what is pending, for at most {@code patience}, and stops. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      if (!thread.join(limits.patience())) {
        LOG.atError().addKeyValue("writer", name).log("pending writes could not be stored in time");
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private CompletableFuture<Void> enqueue(E entry, boolean urgent) {
    var pending = new Pending<>(entry, new CompletableFuture<Void>(), urgent, System.nanoTime());
    lock.lock();
    try {
      var nanosLeft = limits.patience().toNanos();
      while (queue.size() >= limits.maxPending() && !closed) {
        if (nanosLeft <= 0) {
          throw new DatabaseUnavailableException(
              name + ": " + queue.size() + " writes wait already; PostgreSQL is too slow", null);
        }
        nanosLeft = room.awaitNanos(nanosLeft);
      }
      if (closed) {
        throw new IllegalStateException(name + " is closed; nothing more can be stored");
      }
      queue.add(pending);
      this.urgent += urgent ? 1 : 0;
      changed.signal();
      return pending.waiter();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseUnavailableException(name + ": interrupted while waiting for room", e);
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    List<Pending<E>> taken = List.of();
    try {
      for (taken = take(); !taken.isEmpty(); taken = take()) {
        write(taken);
      }
    } catch (InterruptedException e) {
      abandon(taken, e);
    }
  }

  /** Waits for work; returns nothing when closed and drained. */
  private List<Pending<E>> take() throws InterruptedException {
    lock.lock();
    try {
      while (!closed && !hurried && urgent == 0 && queue.size() < limits.maxBatch()) {
        var oldest = queue.peek();
        if (oldest == null) {
          changed.await();
          continue;
        }
        var left = limits.linger().toNanos() - (System.nanoTime() - oldest.sinceNanos());
        if (left <= 0) {
          break;
        }
        changed.awaitNanos(left);
      }
      var taken = new ArrayList<Pending<E>>(Math.min(queue.size(), limits.maxBatch()));
      while (!queue.isEmpty() && taken.size() < limits.maxBatch()) {
        var pending = queue.remove();
        urgent -= pending.urgent() ? 1 : 0;
        taken.add(pending);
      }
      hurried &= !queue.isEmpty();
      room.signalAll();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void write(List<Pending<E>> entries) throws InterruptedException {
    var left = entries;
    var pause = FIRST_PAUSE;
    while (!left.isEmpty()) {
      try {
        batch.write(left.stream().map(Pending::entry).toList());
        left.forEach(pending -> complete(pending, null));
        return;
      } catch (DatabaseUnavailableException e) {
        LOG.atWarn().addKeyValue("writer", name).setCause(e).log("write fails, trying again");
        left = withoutExpired(left, e);
        if (!left.isEmpty()) {
          TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        }
        pause = Collections.min(List.of(pause.multipliedBy(2), LONGEST_PAUSE));
      } catch (RuntimeException | Error e) {
        if (left.size() == 1) {
          complete(left.getFirst(), e);
        } else {
          var middle = left.size() / 2;
          write(left.subList(0, middle));
          write(left.subList(middle, left.size()));
        }
        return;
      }
    }
  }

  private List<Pending<E>> withoutExpired(List<Pending<E>> entries, Throwable failure) {
    var now = System.nanoTime();
    var left = new ArrayList<Pending<E>>();
    for (var pending : entries) {
      if (now - pending.sinceNanos() < limits.patience().toNanos()) {
        left.add(pending);
      } else {
        complete(pending, failure);
      }
    }
    return left;
  }

  private void complete(Pending<E> pending, @Nullable Throwable failure) {
    if (failure == null) {
      pending.waiter().complete(null);
      return;
    }
    pending.waiter().completeExceptionally(failure);
    if (!pending.urgent()) {
      LOG.atError().addKeyValue("writer", name).setCause(failure).log("an entry was not stored");
    }
  }

  private void abandon(List<Pending<E>> taken, InterruptedException cause) {
    var failure = new DatabaseUnavailableException(name + " was stopped before it wrote", cause);
    taken.forEach(pending -> complete(pending, failure));
    lock.lock();
    try {
      queue.forEach(pending -> complete(pending, failure));
      queue.clear();
    } finally {
      lock.unlock();
    }
  }
}
