package dev.millrace.platform.cluster;

import dev.millrace.bullmq.Backoff;
import dev.millrace.bullmq.BullMqException;
import dev.millrace.bullmq.JobOptions;
import dev.millrace.bullmq.JobState;
import dev.millrace.bullmq.KeepJobs;
import dev.millrace.bullmq.ManualWorker;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.bullmq.WorkerOptions;
import dev.millrace.cluster.Payload;
import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.events.DeadLetter;
import dev.millrace.cluster.events.EventOptions;
import dev.millrace.cluster.events.EventTransport;
import dev.millrace.cluster.events.PullLoop;
import dev.millrace.cluster.events.QueueFullException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Events as jobs of BullMQ queues, one for each channel: whoever looks at queues sees them, their
 * retries and what failed for good.
 */
public final class BullMqEventTransport implements EventTransport {
  /** About how many events of a channel may wait. */
  public static final int DEFAULT_LIMIT = 100_000;

  private static final KeepJobs DEAD_LETTERS = KeepJobs.newest(1_000);
  private static final KeepJobs DONE = KeepJobs.newest(100);

  /** Counting before each event would double its cost. */
  private static final long COUNTED_EVERY = Duration.ofSeconds(1).toNanos();

  private final RedisConnections connections;
  private final String queueName;
  private final int limit;
  private final Map<String, Channel> channels = new ConcurrentHashMap<>();

  /** A queue, and how full it was when somebody looked. */
  private static final class Channel {
    final Queue queue;
    private volatile long counted;
    private volatile long waiting;

    Channel(Queue queue) {
      this.queue = queue;
      counted = System.nanoTime() - COUNTED_EVERY;
    }

    boolean isFull(int limit) {
      if (System.nanoTime() - counted >= COUNTED_EVERY) {
        waiting = queue.getters().pendingCount();
        counted = System.nanoTime();
      }
      return waiting >= limit;
    }
  }

  /**
   * @param connections closed by the caller, after this
   * @param queueName begins the queues' names, as that of all of ours
   * @param limit about how many events of a channel may wait
   */
  public BullMqEventTransport(RedisConnections connections, String queueName, int limit) {
    this.connections = connections;
    this.queueName = queueName;
    this.limit = limit;
  }

  /** Returns the name of a channel's queue. */
  public static String queueName(String queueName, String channel) {
    return queueName + "-event-" + channel.replace(':', '.');
  }

  @Override
  public void open() {
    // The connections are there already.
  }

  @Override
  public String publish(String channel, Payload message, EventOptions options) {
    var to = channel(channel);
    var id = EventJob.newId();
    var data = EventJob.write(new Attempt(id, message, options, 0));
    return call(
        "an event of " + channel,
        () -> {
          if (to.isFull(limit)) {
            throw new QueueFullException(channel, limit);
          }
          var _ = to.queue.add(channel, data, jobOptions(id, options));
          return id;
        });
  }

  private static JobOptions jobOptions(String id, EventOptions options) {
    var builder =
        JobOptions.builder()
            .jobId(id)
            .attempts(options.maxRetries() + 1)
            .backoff(backoff(options))
            .removeOnComplete(DONE)
            .removeOnFail(DEAD_LETTERS);
    var delay = options.delay().toMillis();
    return (delay > 0 ? builder.delay(delay) : builder).build();
  }

  private static @Nullable Backoff backoff(EventOptions options) {
    var first = options.backoff().first().toMillis();
    if (first == 0) {
      return null;
    }
    return options.backoff().doubling() ? Backoff.exponential(first) : Backoff.fixed(first);
  }

  @Override
  public Consumption consume(String channel, Consumer consumer) {
    var worker =
        new ManualWorker(
            connections,
            queueName(queueName, channel),
            WorkerOptions.builder().name(channel).build());
    return PullLoop.start(channel, new BullMqSource(worker, channel), consumer);
  }

  @Override
  public long waiting(String channel) {
    return call("the events of " + channel, () -> channel(channel).queue.getters().pendingCount());
  }

  @Override
  public List<DeadLetter> deadLetters(String channel, int limit) {
    return call(
        "the dead letters of " + channel,
        () ->
            channel(channel).queue.getters().jobs(JobState.FAILED, 0, limit - 1L, false).stream()
                .map(job -> deadLetter(channel, job))
                .toList());
  }

  private static DeadLetter deadLetter(String channel, dev.millrace.bullmq.Job job) {
    var finished = job.finishedOn();
    var reason = job.failedReason();
    return new DeadLetter(
        job.id(),
        channel,
        EventJob.read(job.id(), job.data()).message(),
        job.attemptsMade(),
        reason == null ? "unknown" : reason,
        Instant.ofEpochMilli(finished == null ? job.timestamp() : finished));
  }

  @Override
  public void close() {
    // The loops have closed their workers; the connections are the caller's.
  }

  private Channel channel(String channel) {
    return channels.computeIfAbsent(
        channel,
        name ->
            new Channel(new Queue(connections, queueName(queueName, name), QueueOptions.DEFAULT)));
  }

  private interface Call<T> {
    T run();
  }

  private static <T> T call(String what, Call<T> call) {
    try {
      return call.run();
    } catch (BullMqException e) {
      throw unavailable(what, e);
    }
  }

  static UnavailableException unavailable(String what, BullMqException e) {
    return new UnavailableException(
        "Redis cannot be used for " + what + " (" + e.getMessage() + ")", e);
  }
}
