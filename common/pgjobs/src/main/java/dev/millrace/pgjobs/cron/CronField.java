package dev.millrace.pgjobs.cron;

import java.util.regex.Pattern;

/** A field of a crontab: a list of numbers, ranges, {@code *} and {@code *}{@code /n}. */
enum CronField {
  MINUTE("minute", 0, 59),
  HOUR("hour", 0, 23),
  DAY("day of month", 1, 31),
  MONTH("month", 1, 12),
  /** Sunday is 0 and 7. */
  WEEKDAY("day of week", 0, 7);

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,3}");
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,3})-([0-9]{1,3})");
  private static final Pattern STEP = Pattern.compile("\\*(?:/([0-9]{1,3}))?");

  private final String title;
  private final int min;
  private final int max;

  CronField(String title, int min, int max) {
    this.title = title;
    this.min = min;
    this.max = max;
  }

  /** Returns a bit for each value. */
  long parse(String text) {
    var bits = 0L;
    for (var part : text.split(",", -1)) {
      bits |= part(part);
    }
    // Sunday's second name.
    return this == WEEKDAY ? (bits | (bits >> 7)) & 0x7f : bits;
  }

  private long part(String part) {
    var step = STEP.matcher(part);
    if (step.matches()) {
      var by = step.group(1) == null ? 1 : Integer.parseInt(step.group(1));
      if (by < 1) {
        throw wrong(part, "the step must be at least 1");
      }
      return bits(min, this == WEEKDAY ? 6 : max, by);
    }
    var range = RANGE.matcher(part);
    if (range.matches()) {
      var from = number(range.group(1), part);
      var to = number(range.group(2), part);
      if (to <= from) {
        throw wrong(part, "the range does not go up");
      }
      return bits(from, to, 1);
    }
    if (NUMBER.matcher(part).matches()) {
      return 1L << number(part, part);
    }
    throw wrong(part, "it is neither a number, a range (1-5), * nor */n");
  }

  private int number(String text, String part) {
    var number = Integer.parseInt(text);
    if (number < min || number > max) {
      throw wrong(part, "%d is not within %d to %d".formatted(number, min, max));
    }
    return number;
  }

  private static long bits(int from, int to, int by) {
    var bits = 0L;
    for (var n = from; n <= to; n += by) {
      bits |= 1L << n;
    }
    return bits;
  }

  private IllegalArgumentException wrong(String part, String why) {
    return new IllegalArgumentException("'%s' as %s: %s".formatted(part, title, why));
  }
}
