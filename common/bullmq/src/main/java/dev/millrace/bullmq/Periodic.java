package dev.millrace.bullmq;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does something every so often, on a platform thread that no processor can starve. */
final class Periodic implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Periodic.class);

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Duration interval;
  private final Runnable action;
  private final Consumer<Throwable> onError;

  Periodic(String name, Duration interval, Runnable action, Consumer<Throwable> onError) {
    this.interval = interval;
    this.action = action;
    this.onError = onError;
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  private void run() {
    try {
      do {
        try {
          action.run();
        } catch (RedisUnavailableException e) {
          // Whoever reconnects has warned already; the next turn finds out by itself.
          log.debug("{}: Redis is away", Thread.currentThread().getName());
        } catch (RuntimeException e) {
          onError.accept(e);
        }
      } while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
