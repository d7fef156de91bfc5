package dev.millrace.bullmq;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a job's children of one kind.
 *
 * @param cursor where the next page begins; null if this is the last
 */
public record ChildPage(List<Child> children, @Nullable String cursor) {
  /** Where the first page begins. */
  public static final String FIRST = "0";

  public ChildPage {
    children = List.copyOf(children);
  }

  /**
   * A child.
   *
   * @param key the key of its hash, {@code prefix:queue:id}
   * @param value its return value as JSON text if it is processed, its failed reason if it is
   *     ignored, null otherwise
   */
  public record Child(String key, @Nullable String value) {}
}
