package dev.millrace.pgjobs;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Watches how long things take, on a platform thread that no task can starve: aborts jobs whose
 * time is up, fails those that do not end even then, and gives back what stands in line for too
 * long.
 */
final class Watch {
  private static final long TICK_MS = 50;

  private final Collection<ActiveJob> active;
  private final Slots slots;
  private final Execution execution;
  private final RunnerOptions options;
  private final Consumer<Outcome> finish;
  private final RunnerEvents events;
  private final CountDownLatch closed = new CountDownLatch(1);

  Watch(
      Collection<ActiveJob> active,
      Slots slots,
      Execution execution,
      RunnerOptions options,
      RunnerEvents events,
      Consumer<Outcome> finish) {
    this.active = active;
    this.slots = slots;
    this.execution = execution;
    this.options = options;
    this.finish = finish;
    this.events = events;
  }

  void start(String name) {
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  private void run() {
    try {
      while (!closed.await(TICK_MS, TimeUnit.MILLISECONDS)) {
        var now = System.nanoTime();
        active.forEach(job -> look(job, now));
        giveBackOld(now);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(ActiveJob job, long now) {
    var began = job.startedAt();
    if (began == 0) {
      return;
    }
    var timeout = execution.timeoutOf(job);
    var over = now - began - timeout.toNanos();
    if (over < 0) {
      return;
    }
    var reason = "the job took longer than " + text(timeout);
    if (job.abort(reason)) {
      events.error("job %d was aborted".formatted(job.id()), new IllegalStateException(reason));
    } else if (over > options.abortGrace().toNanos()) {
      abandon(job, reason + " and did not end when it was told to");
    }
  }

  /** Fails a job whose thread goes on, and gives its slot to another, but not without limit. */
  private void abandon(ActiveJob job, String reason) {
    if (!job.settle()) {
      return;
    }
    finish.accept(new Outcome.Failed(job, reason, null, false));
    if (!slots.abandon(job)) {
      events.error(
          "too many tasks do not end when they are told to; the runner is short of slots",
          new IllegalStateException(reason));
    }
  }

  private void giveBackOld(long now) {
    var local = options.localQueue();
    var first = local == null ? null : slots.first();
    if (local != null && first != null && now - first.fetchedAt() > local.ttl().toNanos()) {
      slots.drain().forEach(job -> finish.accept(new Outcome.Returned(job)));
    }
  }

  private static String text(Duration time) {
    return time.toMillis() % 1_000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  void close() {
    closed.countDown();
  }
}
