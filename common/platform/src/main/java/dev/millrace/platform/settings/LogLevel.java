package dev.millrace.platform.settings;

/** The least severe event that is logged. */
public enum LogLevel {
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE
}
