package dev.millrace.platform.settings;

/** How a log event is written. */
public enum LogFormat {
  /** One line for people. */
  TEXT,
  /** One JSON object per line for log collectors. */
  JSON
}
