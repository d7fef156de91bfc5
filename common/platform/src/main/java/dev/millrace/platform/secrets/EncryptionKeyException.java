package dev.millrace.platform.secrets;

import org.jspecify.annotations.Nullable;

/** The key file can be neither read nor made; the message names it and says what to do. */
public final class EncryptionKeyException extends RuntimeException {
  private static final long serialVersionUID = 1;

  EncryptionKeyException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
