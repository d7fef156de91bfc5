package dev.millrace.bullmq;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads cron expressions. Six fields are second, minute, hour, day of month, month and weekday;
 * those that are missing on the left are second 0 and every minute, hour and so on.
 *
 * <p>What is accepted means the same in cron-parser 5. Some of what that accepts is refused here:
 * {@code H}, which every process fills in differently, and slips that it reads in a way nobody
 * could have meant ({@code 1-2-3}, {@code 1-5L}, {@code *#1}).
 */
final class CronParser {
  private static final Map<String, String> ALIASES =
      Map.of(
          "@yearly", "0 0 0 1 1 *",
          "@annually", "0 0 0 1 1 *",
          "@monthly", "0 0 0 1 * *",
          "@weekly", "0 0 0 * * 0",
          "@daily", "0 0 0 * * *",
          "@hourly", "0 0 * * * *",
          "@minutely", "0 * * * * *",
          "@secondly", "* * * * * *",
          "@weekdays", "0 0 0 * * 1-5",
          "@weekends", "0 0 0 * * 0,6");
  private static final List<String> LEFT = List.of("0", "*", "*", "*", "*", "*");
  private static final List<Integer> LONGEST_MONTHS =
      List.of(0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);
  private static final Pattern SPECIAL_WEEKDAY =
      Pattern.compile("(?:[0-7]|[A-Za-z]{3})(?:L|#[1-5])");

  private final String expression;

  private CronParser(String expression) {
    this.expression = expression;
  }

  /**
   * Parses an expression.
   *
   * @throws IllegalArgumentException when it is none, or can never be true
   */
  static Cron parse(String expression) {
    return new CronParser(expression).parse();
  }

  private Cron parse() {
    var text = ALIASES.getOrDefault(expression, expression).strip();
    if (text.isEmpty()) {
      throw new IllegalArgumentException("Invalid cron expression, it is empty");
    }
    var given = List.of(text.split("\\s+"));
    if (given.size() > 6) {
      throw new IllegalArgumentException(
          "Invalid cron expression, too many fields: '%s'".formatted(expression));
    }
    var fields = new String[6];
    for (var i = 0; i < 6; i++) {
      var missing = 6 - given.size();
      fields[i] = i < missing ? LEFT.get(i) : given.get(i - missing);
    }
    var cron = build(fields);
    checkPossible(cron);
    return cron;
  }

  private Cron build(String[] fields) {
    var days = days(fields[3]);
    var weekdays = weekdays(fields[5]);
    return new Cron(
        new CronField(CronField.Unit.SECOND, expression).bits(fields[0]),
        new CronField(CronField.Unit.MINUTE, expression).bits(fields[1]),
        new CronField(CronField.Unit.HOUR, expression).bits(fields[2]),
        days.bits(),
        days.special() != 0,
        new CronField(CronField.Unit.MONTH, expression).bits(fields[4]),
        weekdays.bits(),
        weekdays.special(),
        weekdays.occurrence(),
        CronField.isWildcard(fields[3]),
        CronField.isWildcard(fields[5]));
  }

  /**
   * A field that has more than plain values.
   *
   * @param special the last day of the month, or weekdays of which the last one counts
   */
  private record Special(long bits, long special, int occurrence) {}

  private Special days(String field) {
    var items = Arrays.asList(field.split(",", -1));
    var plain = items.stream().filter(item -> !item.equals("L")).toList();
    if (items.size() - plain.size() > 1) {
      throw duplicate("L");
    }
    var parser = new CronField(CronField.Unit.DAY, expression);
    var bits = plain.isEmpty() ? 0 : parser.bits(String.join(",", plain));
    return new Special(bits, items.size() - plain.size(), 0);
  }

  private Special weekdays(String field) {
    var parser = new CronField(CronField.Unit.WEEKDAY, expression);
    var items = Arrays.asList(field.split(",", -1));
    if (items.size() == 1 && field.contains("#")) {
      if (!SPECIAL_WEEKDAY.matcher(field).matches()) {
        throw new IllegalArgumentException(
            "invalid dayOfWeek occurrence number (#) in '%s'".formatted(expression));
      }
      return new Special(parser.bits(field.substring(0, field.length() - 2)), 0, lastDigit(field));
    }
    var plain =
        items.stream()
            .filter(item -> !item.endsWith("L") || !SPECIAL_WEEKDAY.matcher(item).matches())
            .toList();
    var last = 0L;
    for (var item : items) {
      if (!plain.contains(item)) {
        var bit = parser.bits(item.substring(0, item.length() - 1));
        if ((last & bit) != 0) {
          throw duplicate(item);
        }
        last |= bit;
      }
    }
    return new Special(plain.isEmpty() ? 0 : parser.bits(String.join(",", plain)), last, 0);
  }

  private static int lastDigit(String text) {
    return text.charAt(text.length() - 1) - '0';
  }

  private IllegalArgumentException duplicate(String value) {
    return new IllegalArgumentException(
        "duplicate values found: %s in '%s'".formatted(value, expression));
  }

  private void checkPossible(Cron cron) {
    if (cron.lastDay() || cron.anyDay() || !cron.anyWeekday() || Long.bitCount(cron.months()) > 1) {
      return;
    }
    var longest = LONGEST_MONTHS.get(Long.numberOfTrailingZeros(cron.months()));
    if (Long.numberOfTrailingZeros(cron.days()) > longest) {
      throw new IllegalArgumentException(
          "Invalid explicit day of month definition in '%s'".formatted(expression));
    }
  }
}
