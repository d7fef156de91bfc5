package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.withDefault;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The queues and those who work on them.
 *
 * @param name begins the names of all queues
 * @param concurrency jobs of one queue that one worker runs at the same time
 * @param eventStreamMaxLen entries kept (about) in a queue's event stream
 * @param removeOnAge time for which a finished job is kept; null for no limit
 * @param removeOnCount finished jobs kept per outcome; null for no limit
 * @param predictionTimeout how long the server waits for a run
 * @param shutdownTimeout how long a process that was told to stop lets work finish
 * @param lockDuration how long a worker's claim on a job lasts without being renewed
 * @param stalledInterval how often claims that ran out are looked for
 */
public record QueueSettings(
    String name,
    int concurrency,
    int eventStreamMaxLen,
    @Nullable Duration removeOnAge,
    @Nullable Integer removeOnCount,
    Duration predictionTimeout,
    Duration shutdownTimeout,
    Duration lockDuration,
    Duration stalledInterval) {
  private static final Duration UNLIMITED_AGE = Duration.ofSeconds(-1);

  private static final Variable<String> QUEUE_NAME =
      withDefault(
          "QUEUE_NAME",
          Syntax.text("")
              .map(
                  "a name without a colon or spaces",
                  name -> Syntax.require(name.matches("[^:\\s]+"), name)),
          "flowise-queue",
          "Begins the names of the queues in Redis");
  private static final Variable<Integer> WORKER_CONCURRENCY =
      withDefault(
          "WORKER_CONCURRENCY",
          Syntax.integer(1, 1_000_000),
          "10000",
          "Jobs of one queue that one worker runs at the same time");
  private static final Variable<Integer> QUEUE_REDIS_EVENT_STREAM_MAX_LEN =
      withDefault(
          "QUEUE_REDIS_EVENT_STREAM_MAX_LEN",
          Syntax.integer(1, 100_000_000),
          "10000",
          "Entries kept, about, in the event stream of a queue");
  // Flowise keeps finished jobs for ever unless told otherwise, which fills Redis.
  private static final Variable<Duration> REMOVE_ON_AGE =
      withDefault(
          "REMOVE_ON_AGE",
          new Syntax<>(
              "-1 (no limit) or " + Syntax.duration("s", Duration.ZERO).accepted(),
              text ->
                  text.equals("-1")
                      ? UNLIMITED_AGE
                      : Syntax.duration("s", Duration.ZERO).parse(text)),
          "86400",
          "Time for which a finished job is kept, in seconds");
  private static final Variable<Integer> REMOVE_ON_COUNT =
      withDefault(
          "REMOVE_ON_COUNT",
          Syntax.integer(-1, Integer.MAX_VALUE)
              .map("-1 (no limit) or a whole number", count -> count),
          "1000",
          "Finished jobs kept per queue and outcome");
  private static final Variable<Duration> PREDICTION_TIMEOUT =
      withDefault(
          "PREDICTION_TIMEOUT",
          Syntax.duration("s", Duration.ofMillis(1)),
          "300",
          "How long a request waits for its run, in seconds");
  private static final Variable<Duration> SHUTDOWN_TIMEOUT =
      withDefault(
          "SHUTDOWN_TIMEOUT",
          Syntax.duration("s", Duration.ZERO),
          "30",
          "How long a process that was told to stop lets work finish, in seconds");
  private static final Variable<Duration> WORKER_LOCK_DURATION =
      withDefault(
          "WORKER_LOCK_DURATION",
          Syntax.duration("ms", Duration.ofMillis(100)),
          "3000",
          "How long a worker's claim on a job outlives the worker, in milliseconds");
  private static final Variable<Duration> WORKER_STALLED_INTERVAL =
      withDefault(
          "WORKER_STALLED_INTERVAL",
          Syntax.duration("ms", Duration.ofMillis(100)),
          "1000",
          "How often claims that ran out are looked for, in milliseconds; a dead worker's job is"
              + " taken over within WORKER_LOCK_DURATION + WORKER_STALLED_INTERVAL");

  static final List<Variable<?>> VARIABLES =
      List.of(
          QUEUE_NAME,
          WORKER_CONCURRENCY,
          QUEUE_REDIS_EVENT_STREAM_MAX_LEN,
          REMOVE_ON_AGE,
          REMOVE_ON_COUNT,
          PREDICTION_TIMEOUT,
          SHUTDOWN_TIMEOUT,
          WORKER_LOCK_DURATION,
          WORKER_STALLED_INTERVAL);

  static QueueSettings read(Values values) {
    var age = values.get(REMOVE_ON_AGE);
    int count = values.get(REMOVE_ON_COUNT);
    return new QueueSettings(
        values.get(QUEUE_NAME),
        values.get(WORKER_CONCURRENCY),
        values.get(QUEUE_REDIS_EVENT_STREAM_MAX_LEN),
        age.isNegative() ? null : age,
        count < 0 ? null : count,
        values.get(PREDICTION_TIMEOUT),
        values.get(SHUTDOWN_TIMEOUT),
        values.get(WORKER_LOCK_DURATION),
        values.get(WORKER_STALLED_INTERVAL));
  }
}
