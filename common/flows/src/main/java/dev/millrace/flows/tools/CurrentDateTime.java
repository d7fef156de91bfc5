package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ToolSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/** Tells the time, in UTC as all servers do. */
final class CurrentDateTime implements Tool {
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT);
  private static final ToolSpec SPEC =
      new ToolSpec(
          "current_date_time",
          "Tells today's date, the time of day, the day of the week and the time zone.",
          Schemas.empty());

  private final InstantSource clock;

  CurrentDateTime(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public ToolSpec spec() {
    return SPEC;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolScope scope) {
    Instant instant = clock.instant();
    var now = instant.atZone(ZoneOffset.UTC);
    ObjectNode told = Json.object();
    told.put("date", now.toLocalDate().toString());
    told.put("time", now.format(DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT)));
    told.put("day", now.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
    told.put("timezone", "UTC").put("timezoneOffset", "+00:00");
    told.put("iso8601", ISO.format(now)).put("unix_timestamp", instant.getEpochSecond());
    return ToolResult.text(Json.write(told));
  }
}
