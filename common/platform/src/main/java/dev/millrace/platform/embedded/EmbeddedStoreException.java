package dev.millrace.platform.embedded;

import org.jspecify.annotations.Nullable;

/** An embedded store cannot be started or found; the message says which, why and what to do. */
public final class EmbeddedStoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  EmbeddedStoreException(String message) {
    super(message);
  }

  EmbeddedStoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
