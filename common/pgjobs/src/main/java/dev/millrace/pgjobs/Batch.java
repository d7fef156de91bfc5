package dev.millrace.pgjobs;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The items of a job whose payload is an array. Thread-safe. */
public final class Batch {
  private final TaskContext context;
  private final List<JsonNode> items;
  private final Map<Integer, String> failures = new ConcurrentSkipListMap<>();

  Batch(TaskContext context, ArrayNode payload) {
    this.context = context;
    items = payload.valueStream().toList();
  }

  /** Returns the items, in the order in which they were added. */
  public List<JsonNode> items() {
    return items;
  }

  /** Returns the helpers that every task has. */
  public TaskContext context() {
    return context;
  }

  /**
   * Says that an item is to be tried again, and why. The others count as done.
   *
   * @throws IndexOutOfBoundsException when there is no such item
   */
  public void fail(int index, Throwable error) {
    var _ = items.get(index);
    failures.put(index, ErrorText.of(error));
  }

  boolean hasFailures() {
    return !failures.isEmpty();
  }

  /** Returns the payload of the next attempt. */
  String remainder() {
    var remaining = JsonNodeFactory.instance.arrayNode();
    failures.keySet().forEach(index -> remaining.add(items.get(index)));
    return remaining.toString();
  }

  /** Returns each failed item's reason. */
  String reasons() {
    return "%d of %d items failed: %s"
        .formatted(failures.size(), items.size(), String.join("; ", failures.values()));
  }
}
