package dev.millrace.bullmq;

import io.lettuce.core.StreamMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the events of a queue: tells listeners of them, and callers how their jobs ended.
 *
 * <p>One reader serves a whole process. It survives restarts of Redis; what it may have missed is
 * made up for by asking Redis about the jobs that are waited for. Thread-safe.
 */
public final class QueueEvents implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(QueueEvents.class);
  private static final long FIRST_POLL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final RedisConnections connections;
  private final Keys keys;
  private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
  private final Waiters waiters = new Waiters();
  private final FinishedRing finished = new FinishedRing();
  private final OutcomePoll poll;
  private final EventReader reader;

  private QueueEvents(
      RedisConnections connections, Keys keys, Duration rest, @Nullable String lastEventId) {
    this.connections = connections;
    this.keys = keys;
    poll = new OutcomePoll(new Scripts(connections, keys, Compat.V6, false), waiters);
    reader =
        new EventReader(
            connections,
            keys,
            rest,
            lastEventId,
            new EventReader.Sink() {
              @Override
              public void entry(StreamMessage<String, byte[]> entry) {
                receive(entry);
              }

              @Override
              public void gap() {
                missed();
              }
            });
  }

  private record Subscriber(Set<String> events, QueueEventListener listener) {
    boolean wants(String event) {
      return events.isEmpty() || events.contains(event);
    }
  }

  /**
   * Begins to read the events of a queue, from now on. Returns at once, also while Redis is away;
   * see {@link #awaitReady}.
   *
   * @param prefix the prefix of the queue's keys, normally {@code bull}
   */
  public static QueueEvents open(RedisConnections connections, String queue, String prefix) {
    return open(connections, queue, prefix, Duration.ZERO);
  }

  /**
   * As {@link #open(RedisConnections, String, String)}, for those who listen to rare events of a
   * busy queue.
   *
   * @param rest how long to pause after each read that brought something, so that the next one
   *     brings many; an event is told of that much later at most
   */
  public static QueueEvents open(
      RedisConnections connections, String queue, String prefix, Duration rest) {
    return open(new QueueEvents(connections, new Keys(prefix, queue), rest, null));
  }

  /**
   * As {@link #open(RedisConnections, String, String)}, but begins after an entry that was read
   * before, so that nothing since then is missed.
   *
   * @param lastEventId the id of that entry in the stream; {@code 0-0} reads all there is
   */
  public static QueueEvents openAfter(
      RedisConnections connections, String queue, String prefix, String lastEventId) {
    return open(new QueueEvents(connections, new Keys(prefix, queue), Duration.ZERO, lastEventId));
  }

  private static QueueEvents open(QueueEvents events) {
    events.reader.start();
    events.poll.start();
    return events;
  }

  /** Waits until no later event can be missed; returns whether that is so. */
  public boolean awaitReady(Duration limit) throws InterruptedException {
    return reader.awaitReady(limit);
  }

  /**
   * Tells a listener of events.
   *
   * @param events their names; empty means all. Entries that nobody wants are not even decoded
   * @return ends the subscription when it is closed
   */
  public Subscription subscribe(Set<String> events, QueueEventListener listener) {
    var subscriber = new Subscriber(Set.copyOf(events), listener);
    subscribers.add(subscriber);
    return () -> subscribers.remove(subscriber);
  }

  /** As {@link #subscribe(Set, QueueEventListener)}, for all events. */
  public Subscription subscribe(QueueEventListener listener) {
    return subscribe(Set.of(), listener);
  }

  /** Tells a listener of all events, each as a record of its own. */
  public Subscription subscribeTyped(Consumer<TypedQueueEvent> listener) {
    return subscribe(event -> listener.accept(TypedQueueEvent.of(event)));
  }

  /** Ends a subscription when it is closed. */
  @FunctionalInterface
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Returns how a job ends, or ended. The job must have been added already. Costs no call to Redis
   * unless the job is slow, has an id of the application's own, or its event was missed.
   *
   * <p>The future completes on the reader's thread: hand long work to another. There is no limit in
   * time: put one on the future, or cancel it, and the job is forgotten here.
   */
  public CompletableFuture<JobOutcome> whenFinished(String jobId) {
    // The ids of applications can be used again, so that what is remembered may be of another job.
    // So may numbers, by a retry, or after the queue was obliterated or Redis lost its data.
    var isNumber = jobId.chars().allMatch(c -> c >= '0' && c <= '9');
    if (isNumber && finished.get(jobId).isEmpty()) {
      return whenOnlyFinished(jobId);
    }
    var future = waiters.add(jobId, System.nanoTime());
    poll.wake();
    return future;
  }

  /**
   * As {@link #whenFinished}, for an id of the application's own that no other job ever has, such
   * as a random one: then no call to Redis is needed for it either.
   *
   * @param limit after which the future fails with a {@link java.util.concurrent.TimeoutException}
   */
  public CompletableFuture<JobOutcome> whenOnlyFinished(String jobId, Duration limit) {
    return connections.limit(whenOnlyFinished(jobId), limit);
  }

  private CompletableFuture<JobOutcome> whenOnlyFinished(String jobId) {
    var future = waiters.add(jobId, System.nanoTime() + FIRST_POLL_NANOS);
    // Registered first, so that an end between the two is not missed.
    finished.get(jobId).ifPresent(outcome -> waiters.finish(jobId, outcome));
    poll.wakeIfIdle();
    return future;
  }

  /**
   * Waits until a job that has been added has ended.
   *
   * @return its return value, JSON text
   * @throws JobWaitException when it failed, is gone, or did not end in time
   * @throws BullMqException when this is closed meanwhile
   */
  public String waitUntilFinished(Job job, Duration limit) throws InterruptedException {
    var future = whenFinished(job.id());
    try {
      return switch (future.get(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        case JobOutcome.Completed(var value) -> value;
        case JobOutcome.Failed(var reason) -> throw new JobWaitException.Failed(reason);
        case JobOutcome.Gone() -> throw new JobWaitException.Gone(keys.job(job.id()));
      };
    } catch (TimeoutException e) {
      throw new JobWaitException.TimedOut(job, limit);
    } catch (ExecutionException | CancellationException e) {
      throw RedisErrors.translate(e, "waiting for job " + keys.job(job.id()));
    } finally {
      // Others may wait for the same job: only this future goes.
      future.cancel(false);
    }
  }

  /** Cancels the futures of those who wait for the job. */
  public void forget(String jobId) {
    waiters.forget(jobId);
  }

  /** Returns how many jobs are waited for. */
  public int waitingCount() {
    return waiters.size();
  }

  @Override
  public void close() {
    reader.close();
    poll.close();
    waiters.failAll(
        new BullMqException("the reader of the events of queue " + keys.queue() + " was closed"));
  }

  private void receive(StreamMessage<String, byte[]> entry) {
    var body = entry.getBody();
    var event = text(body.get("event"));
    var jobId = body.get("jobId");
    if (jobId != null) {
      follow(event, text(jobId), body);
    }
    @Nullable QueueEvent decoded = null;
    for (var subscriber : subscribers) {
      if (subscriber.wants(event)) {
        decoded = decoded != null ? decoded : decode(entry.getId(), event, body);
        tell(subscriber, decoded);
      }
    }
  }

  private void follow(String event, String jobId, Map<String, byte[]> body) {
    switch (event) {
      case "completed" -> ended(jobId, new JobOutcome.Completed(text(body.get("returnvalue"))));
      case "failed" -> ended(jobId, new JobOutcome.Failed(text(body.get("failedReason"))));
      case "removed" -> {
        finished.remove(jobId);
        waiters.finish(jobId, new JobOutcome.Gone());
      }
      // It runs again.
      case "added", "waiting", "active" -> finished.remove(jobId);
      default -> {
        // Says nothing about a job's end.
      }
    }
  }

  private void ended(String jobId, JobOutcome outcome) {
    finished.add(jobId, outcome);
    waiters.finish(jobId, outcome);
  }

  private void missed() {
    log.info("Events of queue {} may have been missed", keys.queue());
    finished.clear();
    waiters.pollAll(System.nanoTime());
    poll.wake();
    for (var subscriber : subscribers) {
      try {
        subscriber.listener().onGap();
      } catch (RuntimeException e) {
        log.warn("A listener of the events of {} failed", keys.queue(), e);
      }
    }
  }

  private void tell(Subscriber subscriber, QueueEvent event) {
    try {
      subscriber.listener().onEvent(event);
    } catch (RuntimeException e) {
      log.warn("A listener of the events of {} failed", keys.queue(), e);
    }
  }

  private static QueueEvent decode(String id, String event, Map<String, byte[]> body) {
    var fields = new HashMap<String, String>();
    body.forEach((name, value) -> {
      if (!name.equals("event")) {
        fields.put(name, text(value));
      }
    });
    return new QueueEvent(id, event, fields);
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }
}
