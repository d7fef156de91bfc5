package dev.millrace.cluster;

import org.jspecify.annotations.Nullable;

/**
 * The store or broker behind a primitive cannot be used: it is away, was never connected, or is
 * closed. The message says which, and what was to be done. It may or may not have happened.
 */
public class UnavailableException extends RuntimeException {
  public UnavailableException(String message) {
    super(message);
  }

  public UnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
