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
  private static final Duration LAST_ANSWER = Duration.ofSeconds(1);

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
      giveBackLost();
    }
  }

  /**
   * Gives back what a wait that was cut short may have taken in that moment. After it has answered
   * once more, Redis knows that the wait's connection is closed.
   */
  private void giveBackLost() {
    var interrupted = Thread.interrupted();
    try {
      if (source.hasLost() && connections.ping(LAST_ANSWER)) {
        source.reclaimLost();
      }
    } catch (BullMqException e) {
      onError.accept(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void cycle() throws InterruptedException {
    var free = takeSlots();
    var used = 0;
    try {
      source.reclaimLost();
      var last = source.last();
      var now = source.now();
      if (last.limitedUntil() > now) {
        pause(Math.min(last.limitedUntil() - now, options.maximumRateLimitDelay().toMillis()));
      } else if (!last.full() && last.limitedUntil() == 0 && !isDue(last.nextDue(), now)) {
        used = marker.take(untilDue(last.nextDue(), now), start) ? 1 : 0;
        return;
      }
      if (isStopped()) {
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

  private static boolean isDue(long time, long now) {
    return time > 0 && time <= now;
  }

  private Duration untilDue(long time, long now) {
    return time > 0
        ? Duration.ofMillis(Math.min(time - now, LONGEST_WAIT_MILLIS))
        : options.drainDelay();
  }

  private void pause(long millis) throws InterruptedException {
    var _ = stopped.await(millis, TimeUnit.MILLISECONDS);
  }
}
