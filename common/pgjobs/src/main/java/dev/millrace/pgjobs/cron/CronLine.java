package dev.millrace.pgjobs.cron;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** Reads a line of a crontab: {@code minute hour day month weekday task ?options {payload}}. */
final class CronLine {
  private static final Pattern LINE =
      Pattern.compile("((?:\\S+\\s+){5})([^\\s?{]+)(?:\\s+\\?(\\S*))?(?:\\s+(\\{.*}))?");
  private static final Pattern FILL = Pattern.compile("(?:[0-9]{1,6}[smhdw])+");
  private static final Pattern FILL_PART = Pattern.compile("([0-9]+)([smhdw])");
  private static final Pattern ID = Pattern.compile("[_a-zA-Z][-_a-zA-Z0-9]*");
  private static final Pattern QUEUE = Pattern.compile("[-a-zA-Z0-9_:]+");
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,5}");

  private CronLine() {}

  static CronItem parse(String line) {
    var matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "a line is: minute hour day month weekday task ?options {payload}");
    }
    var item = CronItem.of(matcher.group(1), matcher.group(2));
    if (matcher.group(3) != null) {
      item = withOptions(item, matcher.group(3));
    }
    if (matcher.group(4) != null) {
      if (!(Json5.parse(matcher.group(4)) instanceof ObjectNode payload)) {
        throw new IllegalArgumentException("the payload is not a JSON5 object");
      }
      item = item.withPayload(payload);
    }
    return item;
  }

  private static CronItem withOptions(CronItem start, String query) {
    var item = start;
    var seen = new HashSet<String>();
    String keyMode = "";
    for (var option : query.split("&", -1)) {
      var parts = option.split("=", 2);
      var key = parts[0];
      var value = parts.length == 2 ? URLDecoder.decode(parts[1], StandardCharsets.UTF_8) : "";
      if (!seen.add(key)) {
        throw new IllegalArgumentException("option " + key + " comes twice");
      }
      switch (key) {
        case "id" -> item = item.withIdentifier(matching(ID, key, value));
        case "fill" -> item = item.withFill(duration(value));
        case "max" -> item = item.withMaxAttempts(integer(key, value, 1));
        case "queue" -> item = item.withQueueName(matching(QUEUE, key, value));
        case "jobKey" -> item = item.withJobKey(value, false);
        case "jobKeyMode" -> keyMode = value;
        case "priority" -> item = item.withPriority(integer(key, value, Short.MIN_VALUE));
        case "tz" -> item = item.withZone(zone(value));
        default -> throw new IllegalArgumentException("there is no option '" + key + "'");
      }
    }
    return seen.contains("jobKeyMode") ? withKeyMode(item, keyMode) : item;
  }

  private static CronItem withKeyMode(CronItem item, String mode) {
    return switch (mode) {
      case "replace" -> item.withJobKey(item.jobKey(), false);
      case "preserve_run_at" -> item.withJobKey(item.jobKey(), true);
      default ->
          throw new IllegalArgumentException(
              "jobKeyMode is replace or preserve_run_at, not '" + mode + "'");
    };
  }

  private static String matching(Pattern pattern, String key, String value) {
    if (!pattern.matcher(value).matches()) {
      throw new IllegalArgumentException("%s cannot be '%s'".formatted(key, value));
    }
    return value;
  }

  private static int integer(String key, String value, int min) {
    var number = Integer.parseInt(matching(INTEGER, key, value));
    if (number < min || number > Short.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s must be %d to %d, not %d".formatted(key, min, Short.MAX_VALUE, number));
    }
    return number;
  }

  private static Duration duration(String value) {
    var sum = Duration.ZERO;
    var parts = FILL_PART.matcher(matching(FILL, "fill", value));
    while (parts.find()) {
      var amount = Integer.parseInt(parts.group(1));
      sum =
          sum.plus(
              switch (parts.group(2)) {
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                case "d" -> Duration.ofDays(amount);
                default -> Duration.ofDays(7L * amount);
              });
    }
    return sum;
  }

  private static ZoneId zone(String value) {
    try {
      return ZoneId.of(value);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("tz is no time zone: '" + value + "'", e);
    }
  }
}
