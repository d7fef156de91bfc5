package dev.millrace.bullmq;

import io.lettuce.core.SetArgs;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The settings of a queue that all its workers obey, whatever process or language they run in.
 * {@link Queue#settings} returns it. Thread-safe.
 */
public final class QueueSettings {
  /** More than any limit, as Node writes it: the largest exact integer of its numbers. */
  private static final String EVERYTHING = "9007199254740991";

  private final Scripts scripts;
  private final Commands commands;

  QueueSettings(Scripts scripts) {
    this.scripts = scripts;
    commands = scripts.commands();
  }

  /** Returns all settings. */
  public QueueMeta meta() {
    var key = scripts.keys().meta();
    return QueueMeta.read(commands.call("meta", c -> c.hgetall(key)));
  }

  /**
   * Writes a field of the meta hash. For the settings that this class knows, use its own methods.
   *
   * @throws IllegalArgumentException when name or value is empty, or the field says that the queue
   *     is paused, which {@link Queue#pause} does properly
   */
  public void set(String field, String value) {
    checkField(field);
    if (value.isEmpty()) {
      throw new IllegalArgumentException("the value of " + field + " must not be empty");
    }
    scripts.callNow(Script.SETTINGS, field, value);
  }

  /** Removes a field of the meta hash. */
  public void remove(String field) {
    checkField(field);
    scripts.callNow(Script.SETTINGS, field, "");
  }

  /**
   * Limits how many jobs may be active in all workers together.
   *
   * @throws IllegalArgumentException when it is less than 1
   */
  public void globalConcurrency(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1 but is " + limit);
    }
    scripts.callNow(Script.SETTINGS, "concurrency", Integer.toString(limit));
  }

  /** Returns how many jobs may be active at once; empty if that is not limited. */
  public OptionalLong globalConcurrency() {
    var limit = meta().concurrency();
    return limit == null ? OptionalLong.empty() : OptionalLong.of(limit);
  }

  public void removeGlobalConcurrency() {
    scripts.callNow(Script.SETTINGS, "concurrency", "");
  }

  /**
   * Limits how many jobs may start in a time, in all workers together.
   *
   * @throws IllegalArgumentException when the limit is less than a job per millisecond-long window
   */
  public void globalRateLimit(WorkerOptions.RateLimit limit) {
    var millis = limit.duration().toMillis();
    if (limit.max() < 1 || millis < 1) {
      throw new IllegalArgumentException(
          "a rate limit needs at least 1 job and 1 ms but is %d per %d ms"
              .formatted(limit.max(), millis));
    }
    scripts.callNow(
        Script.SETTINGS, "max", Long.toString(limit.max()), "duration", Long.toString(millis));
  }

  /** Returns how many jobs may start in a time; empty if that is not limited. */
  public Optional<WorkerOptions.RateLimit> globalRateLimit() {
    var meta = meta();
    var max = meta.max();
    var duration = meta.duration();
    return max == null || duration == null
        ? Optional.empty()
        : Optional.of(new WorkerOptions.RateLimit(max, Duration.ofMillis(duration)));
  }

  public void removeGlobalRateLimit() {
    scripts.callNow(Script.SETTINGS, "max", "", "duration", "");
  }

  /**
   * Forbids to start jobs for a time. Only workers with a rate limit, their own or the queue's,
   * obey.
   *
   * @throws IllegalArgumentException when it is not positive
   */
  public void rateLimit(Duration duration) {
    var millis = duration.toMillis();
    if (millis < 1) {
      throw new IllegalArgumentException("a rate limit lasts at least 1 ms, not " + duration);
    }
    var key = scripts.keys().key("limiter");
    commands.call("rateLimit", c -> c.set(key, EVERYTHING, SetArgs.Builder.px(millis)));
  }

  /**
   * Returns for how long no job may start by the queue's own limit; zero if it does not hold. A
   * queue without a limit is judged by whether there is a limiter at all.
   */
  public Duration rateLimitTtl() {
    var max = meta().max();
    return rateLimitTtl(max == null ? 0 : max);
  }

  /**
   * Returns for how long no job may start by a limit of {@code max} jobs, e.g. that of a worker;
   * zero if it does not hold.
   */
  public Duration rateLimitTtl(long max) {
    var key = scripts.keys().key("limiter");
    var used = QueueMeta.number(commands.call("rateLimitTtl", c -> c.get(key)));
    if (used == null || used < max) {
      return Duration.ZERO;
    }
    return Duration.ofMillis(Math.max(0L, commands.<Long>call("rateLimitTtl", c -> c.pttl(key))));
  }

  /** Ends a rate limit that holds now; the next window begins with the next job. */
  public void removeRateLimit() {
    commands.call("removeRateLimit", c -> c.del(scripts.keys().key("limiter")));
  }

  private static void checkField(String field) {
    if (field.isEmpty() || field.equals("paused")) {
      throw new IllegalArgumentException("not a setting: '" + field + "'");
    }
  }
}
