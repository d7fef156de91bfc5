package dev.millrace.platform.settings;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A value that must not reach a log, an error message or an API answer: it prints {@code ***}.
 * Compared in constant time. Immutable.
 *
 * @param reveal the value itself; call it only where the value is handed to what needs it
 */
public record Secret(String reveal) {
  static final String MASK = "***";

  /** Compares in a time that does not depend on where the values differ. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret(var theirs)
        && MessageDigest.isEqual(
            reveal.getBytes(StandardCharsets.UTF_8), theirs.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int hashCode() {
    return reveal.hashCode();
  }

  @Override
  public String toString() {
    return MASK;
  }
}
