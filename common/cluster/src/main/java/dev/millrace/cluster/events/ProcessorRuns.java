package dev.millrace.cluster.events;

import dev.millrace.cluster.events.EventTransport.Attempt;
import dev.millrace.cluster.support.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runs of a channel's processor: each with a deadline, and all of them can be cancelled. */
final class ProcessorRuns implements EventTransport.Consumer {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessorRuns.class);
  private static final Duration FOREVER = Duration.ofDays(3_650);

  private final String channel;
  private final EventConsumer consumer;
  private final Set<Run> runs = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  ProcessorRuns(String channel, EventConsumer consumer) {
    this.channel = channel;
    this.consumer = consumer;
  }

  @Override
  public int slots() {
    return consumer.slots();
  }

  @Override
  public boolean isIdle() {
    try {
      return consumer.idle().getAsBoolean();
    } catch (RuntimeException e) {
      LOG.warn("whether {} may take events cannot be told, so it takes none", channel, e);
      return false;
    }
  }

  @Override
  public void handle(Attempt attempt) throws Exception {
    var timeout = attempt.options().timeout();
    var limit = timeout.compareTo(FOREVER) > 0 ? FOREVER : timeout;
    var run = new Run(attempt, new CancelSignal(Instant.now().plus(limit)));
    var context =
        new EventContext(attempt.id(), channel, attempt.retried(), attempt.options(), run.signal);
    runs.add(run);
    var clock = Timer.after(limit, () -> run.cancel("its time of " + limit + " is over", false));
    try {
      if (stopping) {
        run.cancel("the node stops", true);
      }
      consumer.process().process(attempt.message(), context);
    } catch (Exception e) {
      if (run.stopped) {
        throw new EventTransport.StoppedException(e);
      }
      throw e;
    } finally {
      clock.cancel();
      run.end();
      runs.remove(run);
    }
  }

  void cancelAll() {
    stopping = true;
    runs.forEach(run -> run.cancel("the node stops", true));
  }

  void reportStuck() {
    runs.forEach(run ->
        LOG.warn(
            "the processor of event {} of {} does not end though it was cancelled; the event"
                + " will be handled again",
            run.attempt.id(),
            channel));
  }

  private static final class Run {
    final Attempt attempt;
    final CancelSignal signal;
    volatile boolean stopped;
    private @Nullable Thread thread = Thread.currentThread();

    Run(Attempt attempt, CancelSignal signal) {
      this.attempt = attempt;
      this.signal = signal;
    }

    void cancel(String reason, boolean byStop) {
      stopped |= byStop;
      signal.cancel(reason);
      synchronized (this) {
        if (thread != null) {
          thread.interrupt();
        }
      }
    }

    /** Lets nobody interrupt the thread any more, and forgets an interruption. */
    synchronized void end() {
      thread = null;
      var _ = Thread.interrupted();
    }
  }
}
