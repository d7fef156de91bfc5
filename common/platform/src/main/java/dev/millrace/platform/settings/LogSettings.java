package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.withDefault;

import java.util.List;
import java.util.Map;

/**
 * What is logged, and how.
 *
 * @param level the least severe event that is logged
 * @param format how it is written
 */
public record LogSettings(LogLevel level, LogFormat format) {
  // The words of Flowise's logger that ours lacks stand for the nearest one.
  private static final Map<String, LogLevel> LEVELS =
      Map.of(
          "error", LogLevel.ERROR,
          "warn", LogLevel.WARN,
          "info", LogLevel.INFO,
          "http", LogLevel.INFO,
          "verbose", LogLevel.DEBUG,
          "debug", LogLevel.DEBUG,
          "silly", LogLevel.TRACE,
          "trace", LogLevel.TRACE);

  private static final Variable<LogLevel> LOG_LEVEL =
      withDefault("LOG_LEVEL", Syntax.oneOf(LEVELS), "info", "Least severe event that is logged");
  private static final Variable<LogFormat> LOG_FORMAT =
      withDefault(
          "LOG_FORMAT",
          Syntax.oneOf(Map.of("text", LogFormat.TEXT, "json", LogFormat.JSON)),
          "text",
          "One line for people, or one JSON object per line");

  static final List<Variable<?>> VARIABLES = List.of(LOG_LEVEL, LOG_FORMAT);

  static LogSettings read(Values values) {
    return new LogSettings(values.get(LOG_LEVEL), values.get(LOG_FORMAT));
  }
}
