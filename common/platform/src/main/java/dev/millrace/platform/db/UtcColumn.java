package dev.millrace.platform.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Instants in Flowise's {@code timestamp without time zone} columns, which hold UTC. They are bound
 * as text: the driver's own conversions go through the time zone of the JVM.
 */
public final class UtcColumn {
  private static final DateTimeFormatter JSON =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private UtcColumn() {}

  /** Returns the time as a column keeps it, so that what was written equals what is read. */
  public static Instant now(InstantSource clock) {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /** Returns the text to bind; microseconds are kept, nanoseconds cut off. */
  public static String text(Instant instant) {
    return LocalDateTime.ofInstant(instant.truncatedTo(ChronoUnit.MICROS), ZoneOffset.UTC)
        .toString();
  }

  /** Returns the value of a NOT NULL column of the current row. */
  public static Instant read(ResultSet row, String column) throws SQLException {
    return row.getObject(column, LocalDateTime.class).toInstant(ZoneOffset.UTC);
  }

  /** Returns the value of a column of the current row, or null. */
  public static @Nullable Instant readNullable(ResultSet row, String column) throws SQLException {
    @Nullable LocalDateTime value = row.getObject(column, LocalDateTime.class);
    return value == null ? null : value.toInstant(ZoneOffset.UTC);
  }

  /** Returns the instant as Flowise's API prints it, e.g. {@code 2026-11-22T08:22:09.856Z}. */
  public static String json(Instant instant) {
    return JSON.format(instant);
  }
}
