package dev.millrace.bullmq;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The thread that looks for jobs while the worker has free slots. There is one per worker, however
 * many slots it has, and it sleeps in Redis when there is nothing to do.
 */
final class FetchLoop {
  private static final int MOST_PER_CALL = 64;
  private static final long LONGEST_WAIT_MILLIS = 10_000;

  private final RedisConnections connections;
  private final JobSource source;
  private final MarkerWait marker;
  private final WorkerOptions options;
  private final Semaphore slots;
  private final Consumer<ActiveJob> start;
  private final Consumer<Throwable> onError;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;

  /**
   * @param slots free slots; each job that is started owns one permit
   * @param start begins to process a job without waiting for it
   */
  FetchLoop(
      RedisConnections connections,
      JobSource source,
      MarkerWait marker,
      WorkerOptions options,
      Semaphore slots,
      Consumer<ActiveJob> start,
      Consumer<Throwable> onError) {
    this.connections = connections;
    this.source = source;
    this.marker = marker;
    this.options = options;
    this.slots = slots;
    this.start = start;
    this.onError = onError;
    thread = Thread.ofPlatform().daemon().name("bullmq-fetch").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Stops looking for jobs, and waits until that is certain or the limit is over. */
  void stop(Duration limit) throws InterruptedException {
    stopped.countDown();
    thread.interrupt();
    thread.join(limit);
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  private void run() {
    try {
      while (!isStopped()) {
        try {
          cycle();
        } catch (RedisUnavailableException e) {
          source.forget();
          // The jitter keeps a fleet from coming back in step.
          pause(20 + (long) (Math.random() * 30));
          connections.awaitUp(options.runRetryDelay());
        } catch (RuntimeException e) {
          source.forget();
          onError.accept(e);
          pause(options.runRetryDelay().toMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      marker.close();
    }
  }

  private void cycle() throws InterruptedException {
    var free = takeSlots();
    var used = 0;
    try {
      source.reclaimLost();
      if (!awaitWork()) {
        return;
      }
      for (var job : source.fetch(free).jobs()) {
        used++;
        start.accept(job);
      }
    } finally {
      slots.release(free - used);
    }
  }

  private int takeSlots() throws InterruptedException {
    slots.acquire();
    var free = 1;
    while (free < MOST_PER_CALL && slots.tryAcquire()) {
      free++;
    }
    return free;
  }

  /** Returns whether it is time to ask for jobs; false asks to come again. */
  private boolean awaitWork() throws InterruptedException {
    var last = source.last();
    var now = source.now();
    if (last.limitedUntil() > now) {
      pause(Math.min(last.limitedUntil() - now, options.maximumRateLimitDelay().toMillis()));
      return !isStopped();
    }
    return last.full() || last.limitedUntil() > 0 || sleepInRedis(last.nextDue());
  }

  private boolean sleepInRedis(long nextDue) throws InterruptedException {
    var due = nextDue;
    while (!isStopped()) {
      var left = due - source.now();
      if (due > 0 && left <= 0) {
        return true;
      }
      var wait = due > 0 ? Math.min(left, LONGEST_WAIT_MILLIS) : options.drainDelay().toMillis();
      var sign = marker.await(Duration.ofMillis(wait));
      source.sawRedis();
      if (sign.isEmpty()) {
        return true;
      }
      var time = (long) Math.ceil(sign.getAsDouble());
      if (time <= source.now()) {
        return true;
      }
      // This worker took the sign away, so it must not sleep longer than that.
      due = due > 0 ? Math.min(due, time) : time;
    }
    return false;
  }

  private void pause(long millis) throws InterruptedException {
    var _ = stopped.await(millis, TimeUnit.MILLISECONDS);
  }
}
