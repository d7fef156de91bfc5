package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Redis how jobs ended whose events did not come, many in one call. Does nothing while nobody
 * waits.
 */
final class OutcomePoll implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OutcomePoll.class);
  private static final int BATCH = 500;
  private static final int LOOK_BACK = 20_000;
  private static final long TICK_MILLIS = 250;
  private static final long IDLE_MILLIS = 60_000;
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Scripts scripts;
  private final Waiters waiters;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  // Whether the thread sleeps until someone waits; otherwise it comes round soon by itself.
  private volatile boolean idle;
  private volatile boolean closed;

  OutcomePoll(Scripts scripts, Waiters waiters) {
    this.scripts = scripts;
    this.waiters = waiters;
    thread = Thread.ofPlatform().daemon().name("bullmq-outcomes").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Something is due now. */
  void wake() {
    if (wake.availablePermits() == 0) {
      wake.release();
    }
  }

  /** Someone began to wait, for whom nothing is due yet. */
  void wakeIfIdle() {
    if (idle) {
      wake();
    }
  }

  @Override
  public void close() {
    closed = true;
    wake.release();
  }

  private void run() {
    try {
      while (!closed) {
        // Said before it is looked at, so that whoever comes in between wakes.
        idle = true;
        idle = waiters.isEmpty();
        var limit = idle ? IDLE_MILLIS : TICK_MILLIS;
        if (wake.tryAcquire(limit, TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
        pollDue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pollDue() {
    var now = System.nanoTime();
    var due = waiters.due(now, now + AGAIN_NANOS);
    for (var from = 0; from < due.size() && !closed; from += BATCH) {
      var ids = due.subList(from, Math.min(from + BATCH, due.size()));
      try {
        poll(ids);
      } catch (RedisUnavailableException e) {
        // They are due again soon, and the reader has all polled when it is back.
        return;
      } catch (BullMqException e) {
        log.warn("Cannot ask how jobs of {} ended", scripts.keys().queue(), e);
      }
    }
  }

  private void poll(List<String> ids) {
    var arguments = new ArrayList<String>(ids.size() + 2);
    arguments.add(scripts.keys().base());
    arguments.add(Integer.toString(LOOK_BACK));
    arguments.addAll(ids);
    var outcomes = scripts.call(Script.OUTCOMES, arguments);
    for (var i = 0; i < ids.size(); i++) {
      var outcome = (List<?>) outcomes.get(i);
      var id = ids.get(i);
      switch (((Long) outcome.getFirst()).intValue()) {
        case 1 -> waiters.finish(id, new JobOutcome.Completed(String.valueOf(outcome.get(1))));
        case 2 -> waiters.finish(id, new JobOutcome.Failed(String.valueOf(outcome.get(1))));
        case -1 -> waiters.finish(id, new JobOutcome.Gone());
        default -> {
          // Not finished: its event, or the next poll, tells.
        }
      }
    }
  }
}
