package dev.millrace.platform.db;

import java.util.List;

/**
 * A part of a longer list.
 *
 * @param data the rows of this page
 * @param total how many there are on all pages
 */
public record Page<T>(List<T> data, long total) {
  public Page {
    data = List.copyOf(data);
  }
}
