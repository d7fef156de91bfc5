package dev.millrace.bullmq;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Time zones by the names that Node's clients take: IANA's in any case, or {@code UTC+5:30}. */
final class ZoneNames {
  private static final Pattern OFFSET =
      Pattern.compile("UTC([+-])(\\d{1,2})(?::(\\d{2}))?", Pattern.CASE_INSENSITIVE);

  private ZoneNames() {}

  /**
   * Returns the zone of a name; null is this process' own, as it is in Node.
   *
   * @throws IllegalArgumentException when there is no such zone
   */
  static ZoneId of(@Nullable String name) {
    if (name == null) {
      return ZoneId.systemDefault();
    }
    var offset = OFFSET.matcher(name);
    try {
      if (offset.matches()) {
        var sign = offset.group(1).equals("-") ? -1 : 1;
        var minutes = offset.group(3) == null ? 0 : Integer.parseInt(offset.group(3));
        return ZoneOffset.ofHoursMinutes(sign * Integer.parseInt(offset.group(2)), sign * minutes);
      }
      var available = ZoneId.getAvailableZoneIds();
      if (available.contains(name)) {
        return ZoneId.of(name);
      }
      var lower = name.toLowerCase(Locale.ROOT);
      for (var id : available) {
        if (id.toLowerCase(Locale.ROOT).equals(lower)) {
          return ZoneId.of(id);
        }
      }
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("there is no time zone '%s'".formatted(name), e);
    }
    throw new IllegalArgumentException("there is no time zone '%s'".formatted(name));
  }
}
