package dev.millrace.bullmq;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cron expression in the dialect of Node's cron-parser 5: all clients of a queue compute the next
 * run by themselves, so they must agree on what an expression means. {@link CronParser} makes one.
 *
 * <p>Where clocks are put forward, an hour that is skipped is made up for in the hour that follows;
 * not at midnight, where cron-parser lets the day pass. Where they are put back, an hour that comes
 * twice counts once, unless every hour of the day is wanted.
 *
 * @param seconds bits 0–59, as {@code minutes}
 * @param hours bits 0–23
 * @param days of the month, bits 1–31
 * @param lastDay whether the last day of the month counts too
 * @param months bits 1–12
 * @param weekdays bits 0 (Sunday) to 6
 * @param lastWeekdays those whose last one in the month counts, bits as {@code weekdays}
 * @param occurrence which of the month's {@code weekdays} counts, from 1; 0 for all
 * @param anyDay whether the day of the month does not matter
 * @param anyWeekday whether the weekday does not matter; if both do, either suffices
 */
record Cron(
    long seconds,
    long minutes,
    long hours,
    long days,
    boolean lastDay,
    long months,
    long weekdays,
    long lastWeekdays,
    int occurrence,
    boolean anyDay,
    boolean anyWeekday) {
  private static final long EVERY_HOUR = (1L << 24) - 1;
  private static final int HORIZON_YEARS = 100;

  /** Returns the first time after the given one; empty if there is none in a hundred years. */
  Optional<Instant> nextAfter(Instant time, ZoneId zone) {
    var next = time.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    var horizon = next.atZone(zone).getYear() + HORIZON_YEARS;
    while (true) {
      var local = LocalDateTime.ofInstant(next, zone);
      if (local.getYear() > horizon) {
        return Optional.empty();
      }
      var step = unmatched(local, next, time, zone);
      if (step == null) {
        return Optional.of(next);
      }
      next = later(next, local, step, zone);
    }
  }

  private static boolean has(long bits, int bit) {
    return (bits >> bit & 1) != 0;
  }

  /** Returns the largest unit that does not fit, so that the rest of it can be skipped, or null. */
  private @Nullable ChronoUnit unmatched(
      LocalDateTime local, Instant now, Instant from, ZoneId zone) {
    if (!has(months, local.getMonthValue())) {
      return ChronoUnit.MONTHS;
    }
    if (!isDay(local.toLocalDate())) {
      return ChronoUnit.DAYS;
    }
    if (!isHour(local, now, from, zone)) {
      return ChronoUnit.HOURS;
    }
    if (!has(minutes, local.getMinute())) {
      return ChronoUnit.MINUTES;
    }
    return has(seconds, local.getSecond()) ? null : ChronoUnit.SECONDS;
  }

  private boolean isDay(LocalDate date) {
    if (anyDay && anyWeekday) {
      return true;
    }
    return (!anyDay && isDayOfMonth(date)) || (!anyWeekday && isWeekday(date));
  }

  private boolean isDayOfMonth(LocalDate date) {
    return has(days, date.getDayOfMonth())
        || (lastDay && date.getDayOfMonth() == date.lengthOfMonth());
  }

  private boolean isWeekday(LocalDate date) {
    var weekday = date.getDayOfWeek().getValue() % 7;
    if (has(lastWeekdays, weekday) && date.getDayOfMonth() > date.lengthOfMonth() - 7) {
      return true;
    }
    return has(weekdays, weekday)
        && (occurrence == 0 || (date.getDayOfMonth() - 1) / 7 + 1 == occurrence);
  }

  private boolean isHour(LocalDateTime local, Instant now, Instant from, ZoneId zone) {
    if (hours == EVERY_HOUR) {
      return true;
    }
    // Only who comes from before the change knows of it.
    var change = zone.getRules().previousTransition(now.plusSeconds(1));
    if (change == null || !from.isBefore(change.getInstant())) {
      return has(hours, local.getHour());
    }
    if (change.isOverlap()) {
      return !isRepeated(now, change) && has(hours, local.getHour());
    }
    return has(hours, local.getHour()) || makesUpFor(now, change);
  }

  private static boolean isRepeated(Instant now, ZoneOffsetTransition change) {
    return now.isBefore(change.getInstant().minus(change.getDuration()));
  }

  private boolean makesUpFor(Instant now, ZoneOffsetTransition change) {
    var first = change.getDateTimeBefore();
    var last = change.getDateTimeAfter();
    if (first.getHour() == 0 || !first.toLocalDate().equals(last.toLocalDate())) {
      return false;
    }
    var hourAfter = change.getInstant().plus(1, ChronoUnit.HOURS);
    if (!now.isBefore(hourAfter)) {
      return false;
    }
    for (var hour = first.getHour(); hour < last.getHour(); hour++) {
      if (has(hours, hour)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the beginning of the next unit, or the change of the clocks that comes before it. */
  private static Instant later(Instant now, LocalDateTime local, ChronoUnit unit, ZoneId zone) {
    var begin =
        unit == ChronoUnit.MONTHS
            ? local.toLocalDate().withDayOfMonth(1).atStartOfDay()
            : local.truncatedTo(unit);
    var end = begin.plus(1, unit);
    var offset = zone.getRules().getOffset(now);
    var next = end.toInstant(offset);
    var change = zone.getRules().nextTransition(now);
    return change == null || change.getInstant().isAfter(next) ? next : change.getInstant();
  }
}
