package dev.millrace.platform.db;

import java.util.Optional;
import java.util.UUID;

/** Ids that clients send. */
public final class RowId {
  private static final int LENGTH = 36;

  private RowId() {}

  /** Returns the UUID that the text spells out in full; nothing when it is something else. */
  public static Optional<UUID> parse(String text) {
    if (text.length() != LENGTH) {
      return Optional.empty();
    }
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
