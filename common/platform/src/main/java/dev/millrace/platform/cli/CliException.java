package dev.millrace.platform.cli;

import org.jspecify.annotations.Nullable;

/** A command cannot do what it was asked to; the message says why, and is all that is shown. */
final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CliException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  CliException(String message) {
    this(message, null);
  }
}
