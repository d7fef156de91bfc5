package dev.millrace.bullmq;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One field of a cron expression: lists of values, ranges and steps. */
final class CronField {
  private static final Pattern ITEM =
      Pattern.compile("(?:([*?])|(\\w{1,3})(?:-(\\w{1,3}))?)(?:/(\\d{1,9}))?");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,3}");

  private final Unit unit;
  private final String expression;

  /**
   * @param expression what messages quote
   */
  CronField(Unit unit, String expression) {
    this.unit = unit;
    this.expression = expression;
  }

  /** What a field counts. */
  enum Unit {
    SECOND(0, 59, ""),
    MINUTE(0, 59, ""),
    HOUR(0, 23, ""),
    DAY(1, 31, ""),
    MONTH(1, 12, "- JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"),
    /** Sunday is 0 and 7. */
    WEEKDAY(0, 7, "SUN MON TUE WED THU FRI SAT");

    private final int min;
    private final int max;
    private final String names;

    Unit(int min, int max, String names) {
      this.min = min;
      this.max = max;
      this.names = names;
    }
  }

  static boolean isWildcard(String field) {
    return field.equals("*") || field.equals("?");
  }

  /** Returns the values that the field names, as bits. */
  long bits(String field) {
    if (isWildcard(field)) {
      return range(unit.min, unit.max, 1);
    }
    var bits = 0L;
    for (var item : field.split(",", -1)) {
      if (isWildcard(item)) {
        throw invalid("'%s' cannot be part of a list".formatted(item));
      }
      var more = item(item);
      if ((bits & more) != 0) {
        throw invalid("duplicate values found: " + Long.numberOfTrailingZeros(bits & more));
      }
      bits |= more;
    }
    return bits;
  }

  private long item(String item) {
    var match = ITEM.matcher(item);
    if (!match.matches()) {
      throw invalid("Invalid characters, got value: " + item);
    }
    var step = match.group(4) == null ? 1 : Integer.parseInt(match.group(4));
    if (step == 0) {
      throw invalid("cannot repeat at every 0 time");
    }
    return match.group(1) != null ? range(unit.min, unit.max, step) : range(match, step);
  }

  private long range(Matcher match, int step) {
    var from = value(match.group(2));
    var end = match.group(3);
    if (end == null) {
      return range(from, match.group(4) == null ? from : unit.max, step);
    }
    var to = value(end);
    if (from > to) {
      throw invalid("Invalid range: %d-%d, min(%d) > max(%d)".formatted(from, to, from, to));
    }
    return range(from, to, step);
  }

  private long range(int from, int to, int step) {
    var bits = 0L;
    for (var value = (long) from; value <= to; value += step) {
      bits |= 1L << (unit == Unit.WEEKDAY ? value % 7 : value);
    }
    return bits;
  }

  private int value(String text) {
    int value;
    if (NUMBER.matcher(text).matches()) {
      value = Integer.parseInt(text);
    } else {
      value = List.of(unit.names.split(" ")).indexOf(text.toUpperCase(Locale.ROOT));
      if (value < 0) {
        throw invalid("cannot resolve '%s'".formatted(text));
      }
    }
    if (value < unit.min || value > unit.max) {
      throw invalid("got value %d expected range %d-%d".formatted(value, unit.min, unit.max));
    }
    return value;
  }

  private IllegalArgumentException invalid(String what) {
    return new IllegalArgumentException(
        "%s in the %s field of '%s'"
            .formatted(what, unit.name().toLowerCase(Locale.ROOT), expression));
  }
}
