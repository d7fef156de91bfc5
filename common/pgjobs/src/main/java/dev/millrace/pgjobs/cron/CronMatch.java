package dev.millrace.pgjobs.cron;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.regex.Pattern;

/**
 * The minutes that the five fields of a crontab stand for. Where both day of month and day of week
 * are restricted, either suffices.
 *
 * <p>Where clocks are put forward, what fell into the hour that was skipped comes in the first
 * minute after it; where they are put back, an hour that comes twice counts the first time only.
 * Neither holds for items of every hour, which go on as if nothing had happened.
 *
 * @param minutes bits 0–59
 * @param hours bits 0–23
 * @param days of the month, bits 1–31
 * @param months bits 1–12
 * @param weekdays bits 0 (Sunday) to 6
 */
public record CronMatch(long minutes, long hours, long days, long months, long weekdays) {
  private static final Pattern SPACE = Pattern.compile("\\s+");
  private static final Duration DAY = Duration.ofDays(1);
  private static final long ALL_HOURS = (1L << 24) - 1;
  private static final long ALL_DAYS = ((1L << 31) - 1) << 1;
  private static final long ALL_WEEKDAYS = (1L << 7) - 1;

  /**
   * Reads five fields, separated by spaces.
   *
   * @throws IllegalArgumentException with the field that is wrong
   */
  public static CronMatch parse(String text) {
    var fields = SPACE.split(text.strip(), -1);
    if (fields.length != 5) {
      throw new IllegalArgumentException(
          "five fields are wanted (minute hour day month weekday), not " + fields.length);
    }
    return new CronMatch(
        CronField.MINUTE.parse(fields[0]),
        CronField.HOUR.parse(fields[1]),
        CronField.DAY.parse(fields[2]),
        CronField.MONTH.parse(fields[3]),
        CronField.WEEKDAY.parse(fields[4]));
  }

  /** Returns whether the minute that begins at {@code time} is one of them. */
  public boolean matches(Instant time, ZoneId zone) {
    var rules = zone.getRules();
    var local = LocalDateTime.ofInstant(time, zone);
    if (rules.isFixedOffset() || hours == ALL_HOURS) {
      return matches(local);
    }
    var before = rules.previousTransition(time.plusNanos(1));
    if (before == null || Duration.between(before.getInstant(), time).compareTo(DAY) > 0) {
      return matches(local);
    }
    if (before.isOverlap() && local.isBefore(before.getDateTimeBefore())) {
      return false;
    }
    return matches(local)
        || (before.isGap()
            && before.getInstant().equals(time)
            && anyMatches(before.getDateTimeBefore(), before.getDateTimeAfter()));
  }

  private boolean anyMatches(LocalDateTime from, LocalDateTime to) {
    for (var minute = from; minute.isBefore(to); minute = minute.plusMinutes(1)) {
      if (matches(minute)) {
        return true;
      }
    }
    return false;
  }

  private boolean matches(LocalDateTime local) {
    return has(minutes, local.getMinute())
        && has(hours, local.getHour())
        && has(months, local.getMonthValue())
        && dayMatches(local);
  }

  private boolean dayMatches(LocalDateTime local) {
    var day = has(days, local.getDayOfMonth());
    var weekday = has(weekdays, local.getDayOfWeek().getValue() % 7);
    var isEither = days != ALL_DAYS && weekdays != ALL_WEEKDAYS;
    return isEither ? (day || weekday) : (day && weekday);
  }

  private static boolean has(long bits, int n) {
    return (bits & (1L << n)) != 0;
  }
}
