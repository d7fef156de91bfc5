package dev.millrace.flows.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What came of running the inside of a container for some items.
 *
 * @param items their results, in the order of the items
 * @param state the flow's state after all of them
 */
public record Inside(List<Result> items, ObjectNode state) {
  public Inside {
    items = List.copyOf(items);
  }

  /**
   * What came of one item.
   *
   * @param content what the node that ran last put out; a single blank when it put out nothing
   * @param error why the item failed, null when it did not
   */
  public record Result(JsonNode content, @Nullable String error) {}
}
