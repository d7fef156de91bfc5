package dev.millrace.bullmq;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a job scheduler makes jobs: at an interval, or by a cron expression. Start with {@link
 * #every} or {@link #cron}.
 *
 * @param every the interval in ms, or null
 * @param pattern the cron expression (cron-parser's dialect, with optional seconds first), or null
 * @param timeZone the IANA zone that the expression is meant in; null is each process' own zone,
 *     which is seldom a good idea
 * @param limit how many runs there are at most
 * @param startDate no run before, ms since 1970
 * @param endDate no run after, ms since 1970
 * @param offset ms after a multiple of the interval; null begins at once and keeps that phase
 * @param immediately whether a cron expression has its first run now
 */
public record Repeat(
    @Nullable Long every,
    @Nullable String pattern,
    @Nullable String timeZone,
    @Nullable Long limit,
    @Nullable Long startDate,
    @Nullable Long endDate,
    @Nullable Long offset,
    boolean immediately) {

  /**
   * @throws IllegalArgumentException with the texts of Node's client when the values contradict
   *     each other, or the expression or the zone cannot be understood
   */
  public Repeat {
    if (pattern != null && every != null) {
      throw new IllegalArgumentException(
          "Both .pattern and .every options are defined for this repeatable job");
    }
    if (pattern == null && every == null) {
      throw new IllegalArgumentException(
          "Either .pattern or .every options must be defined for this repeatable job");
    }
    if (immediately && startDate != null) {
      throw new IllegalArgumentException(
          "Both .immediately and .startDate options are defined for this repeatable job");
    }
    if (every != null && every < 1) {
      throw new IllegalArgumentException("every must be at least 1 ms but is " + every);
    }
    if (offset != null && offset < 0) {
      throw new IllegalArgumentException("offset must not be negative but is " + offset);
    }
    if (pattern != null) {
      CronParser.parse(pattern);
      ZoneNames.of(timeZone);
    }
  }

  /** Runs at an interval, for the first time at once. */
  public static Repeat every(Duration interval) {
    return new Repeat(interval.toMillis(), null, null, null, null, null, null, false);
  }

  /** Runs by a cron expression. */
  public static Repeat cron(String pattern) {
    return new Repeat(null, pattern, null, null, null, null, null, false);
  }

  public Repeat withTimeZone(String value) {
    return new Repeat(every, pattern, value, limit, startDate, endDate, offset, immediately);
  }

  public Repeat withLimit(long value) {
    return new Repeat(every, pattern, timeZone, value, startDate, endDate, offset, immediately);
  }

  public Repeat withStart(Instant value) {
    return new Repeat(
        every, pattern, timeZone, limit, value.toEpochMilli(), endDate, offset, immediately);
  }

  public Repeat withEnd(Instant value) {
    return new Repeat(
        every, pattern, timeZone, limit, startDate, value.toEpochMilli(), offset, immediately);
  }

  public Repeat withOffset(Duration value) {
    return new Repeat(
        every, pattern, timeZone, limit, startDate, endDate, value.toMillis(), immediately);
  }

  public Repeat withImmediately() {
    return new Repeat(every, pattern, timeZone, limit, startDate, endDate, offset, true);
  }

  /**
   * Returns the first time after the given one at which the cron expression comes true, as all
   * clients of a queue compute it; empty when it never does, it is past the end, or there is no
   * expression.
   */
  public Optional<Instant> nextAfter(Instant time) {
    if (pattern == null) {
      return Optional.empty();
    }
    var next = RepeatRule.of(this).nextByCron(time.toEpochMilli());
    return next.isEmpty() || (endDate != null && next.getAsLong() > endDate)
        ? Optional.empty()
        : Optional.of(Instant.ofEpochMilli(next.getAsLong()));
  }
}
