package dev.millrace.cluster.events;

import dev.millrace.cluster.events.EventTransport.Consumer;
import dev.millrace.cluster.events.EventTransport.Consumption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes events of a channel while its consumer has slots and is idle. */
public final class PullLoop implements Consumption {
  private static final Logger LOG = LoggerFactory.getLogger(PullLoop.class);
  private static final Duration INTERVAL = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final String channel;
  private final EventSource source;
  private final Consumer consumer;
  private final Semaphore slots;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;
  private int failures;

  private PullLoop(String channel, EventSource source, Consumer consumer) {
    this.channel = channel;
    this.source = source;
    this.consumer = consumer;
    slots = new Semaphore(consumer.slots());
    thread = Thread.ofVirtual().name("events-" + channel).unstarted(this::loop);
  }

  /** Starts to take events. */
  public static PullLoop start(String channel, EventSource source, Consumer consumer) {
    var loop = new PullLoop(channel, source, consumer);
    loop.thread.start();
    return loop;
  }

  @Override
  public void stop() {
    stopped.countDown();
  }

  @Override
  public boolean awaitEnd(Duration limit) throws InterruptedException {
    var deadline = System.nanoTime() + limit.toNanos();
    if (!thread.join(limit.isZero() ? Duration.ofMillis(1) : limit)) {
      return false;
    }
    var all = consumer.slots();
    var left = Math.max(0, deadline - System.nanoTime());
    if (!slots.tryAcquire(all, left, TimeUnit.NANOSECONDS)) {
      return false;
    }
    slots.release(all);
    return true;
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  private void loop() {
    try {
      while (!isStopped()) {
        if (slots.tryAcquire(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
          takeOne();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closeSource();
    }
  }

  private void closeSource() {
    try {
      source.pause();
      source.close();
    } catch (RuntimeException e) {
      LOG.warn("events of {} that were fetched ahead come back late: {}", channel, e.toString());
    }
  }

  private void takeOne() throws InterruptedException {
    var started = false;
    try {
      if (!consumer.isIdle()) {
        source.pause();
        pause(INTERVAL);
        return;
      }
      var delivery = source.take(INTERVAL);
      failures = 0;
      if (delivery == null) {
        return;
      }
      if (isStopped() || !consumer.isIdle()) {
        delivery.putBack();
        return;
      }
      Thread.ofVirtual().name("event-" + channel).start(() -> handle(delivery));
      started = true;
    } catch (RuntimeException e) {
      reportAndPause(e);
    } finally {
      if (!started) {
        slots.release();
      }
    }
  }

  private void handle(EventSource.Delivery delivery) {
    try {
      settle(delivery);
    } catch (RuntimeException e) {
      LOG.warn(
          "what became of event {} of {} could not be stored; it may be handled again",
          delivery.attempt().id(),
          channel,
          e);
    } finally {
      slots.release();
    }
  }

  // Also an Error of a processor, e.g. a missing class of a plugin, fails its event only.
  @SuppressWarnings("CatchingUnchecked")
  private void settle(EventSource.Delivery delivery) {
    try {
      consumer.handle(delivery.attempt());
    } catch (EventTransport.StoppedException e) {
      delivery.putBack();
      return;
    } catch (Throwable e) {
      report(delivery.attempt(), e);
      delivery.failed(e);
      return;
    }
    delivery.done();
  }

  private void report(EventTransport.Attempt attempt, Throwable error) {
    var left = attempt.options().maxRetries() - attempt.retried();
    LOG.atWarn()
        .setCause(error)
        .log(
            "event {} of {} failed, attempt {}; {}",
            attempt.id(),
            channel,
            attempt.retried() + 1,
            left > 0 ? left + " retries are left" : "it becomes a dead letter");
  }

  private void reportAndPause(RuntimeException error) throws InterruptedException {
    var pause = INTERVAL.multipliedBy(1L << Math.min(failures++, 5));
    var capped = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    LOG.warn("no events of {} can be taken; next try in {}: {}", channel, capped, error.toString());
    pause(capped);
  }

  private void pause(Duration time) throws InterruptedException {
    var _ = stopped.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }
}
