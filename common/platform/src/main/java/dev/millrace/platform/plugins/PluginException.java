package dev.millrace.platform.plugins;

/** A plugin cannot be used; the message says why. */
public final class PluginException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PluginException(String message) {
    super(message);
  }

  PluginException(String message, Throwable cause) {
    super(message, cause);
  }
}
