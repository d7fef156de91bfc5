package dev.millrace.platform.cluster;

import dev.millrace.bullmq.ActiveJob;
import dev.millrace.bullmq.BullMqException;
import dev.millrace.bullmq.ManualWorker;
import dev.millrace.cluster.events.EventSource;
import dev.millrace.cluster.events.EventTransport.Attempt;
import dev.millrace.cluster.support.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes events from a BullMQ queue, renews their locks, and takes over those of dead nodes. */
final class BullMqSource implements EventSource {
  private static final Logger LOG = LoggerFactory.getLogger(BullMqSource.class);
  private static final Duration LOCK = Duration.ofSeconds(30);
  private static final Duration RENEWED_EVERY = Duration.ofSeconds(10);
  private static final long STALLED_EVERY = Duration.ofSeconds(30).toNanos();

  private final ManualWorker worker;
  private final String channel;
  private long looked = System.nanoTime();

  BullMqSource(ManualWorker worker, String channel) {
    this.worker = worker;
    this.channel = channel;
  }

  @Override
  public @Nullable Delivery take(Duration limit) throws InterruptedException {
    try {
      if (System.nanoTime() - looked > STALLED_EVERY) {
        looked = System.nanoTime();
        var _ = worker.recoverStalled();
      }
      var job = worker.next(limit).orElse(null);
      return job == null ? null : taken(job);
    } catch (BullMqException e) {
      throw BullMqEventTransport.unavailable("events of " + channel, e);
    }
  }

  @Override
  public void close() {
    worker.close();
  }

  private @Nullable Delivery taken(ActiveJob active) {
    var job = active.job();
    var refused = job.deferredFailure();
    if (refused != null) {
      var _ = worker.fail(active, new IllegalStateException(refused), false);
      return null;
    }
    var read = EventJob.read(job.id(), job.data());
    var attempt = new Attempt(job.id(), read.message(), read.options(), job.attemptsMade());
    return new Taken(active, attempt);
  }

  private final class Taken implements Delivery {
    private final ActiveJob active;
    private final Attempt attempt;
    private final Timer.Planned renewal;

    Taken(ActiveJob active, Attempt attempt) {
      this.active = active;
      this.attempt = attempt;
      renewal = Timer.every(RENEWED_EVERY, this::renew);
    }

    private void renew() {
      if (!active.extendLock(LOCK)) {
        LOG.warn("event {} of {} was taken over by another node", attempt.id(), channel);
        renewal.cancel();
      }
    }

    @Override
    public Attempt attempt() {
      return attempt;
    }

    @Override
    public void done() {
      settle(() -> worker.complete(active, "null", false));
    }

    @Override
    public void failed(Throwable error) {
      settle(() -> worker.fail(active, error, false));
    }

    @Override
    public void putBack() {
      settle(() -> active.moveToWait());
    }

    private void settle(Runnable move) {
      renewal.cancel();
      move.run();
    }
  }
}
