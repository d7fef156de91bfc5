package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What all executions on one canvas of a run share. Thread-safe. */
final class Site {
  private final RunContext run;
  private final Canvas canvas;
  private final String prefix;
  private final @Nullable Item item;
  private final @Nullable NodeContext container;
  private final Map<String, JsonNode> outputs = new ConcurrentHashMap<>();
  private final Map<String, JsonNode> earlier = new ConcurrentHashMap<>();

  private Site(
      RunContext run,
      Canvas canvas,
      String prefix,
      @Nullable Item item,
      @Nullable NodeContext container) {
    this.run = run;
    this.canvas = canvas;
    this.prefix = prefix;
    this.item = item;
    this.container = container;
  }

  /** Returns that of the flow's own canvas. */
  static Site top(RunContext run, Canvas canvas) {
    return new Site(run, canvas, "", null, null);
  }

  /**
   * Returns that of the inside of a container, for one item.
   *
   * @param key of the container's execution
   */
  static Site inside(NodeContext container, RunContext run, Canvas canvas, String key, Item item) {
    return new Site(run, canvas, key + "/" + item.index() + "/", item, container);
  }

  RunContext run() {
    return run;
  }

  Canvas canvas() {
    return canvas;
  }

  boolean isTop() {
    return item == null;
  }

  @Nullable Item item() {
    return item;
  }

  /** Returns what names an execution in the journal. */
  String key(int node, int visit) {
    return prefix + canvas.graph().node(node).id() + "#" + visit;
  }

  /** Returns the node of a key, -1 when it is not on this canvas. */
  int nodeOf(String key) {
    return canvas.graph().indexOf(key.substring(prefix.length(), key.lastIndexOf('#')));
  }

  /** Returns what was executed here before the run was interrupted, in order. */
  List<JournalEntry> past() {
    return run.past().on(prefix);
  }

  void remember(NodeRecord record) {
    JsonNode output = record.data().get("output");
    if (output != null) {
      outputs.put(record.nodeId(), output);
    }
  }

  /** These nodes will run again; until they have, what they put out last is seen everywhere. */
  void again(BitSet region) {
    region.stream()
        .forEach(node -> {
          String id = canvas.graph().node(node).id();
          JsonNode output = outputs.get(id);
          if (output != null) {
            earlier.put(id, output);
          }
        });
  }

  /**
   * Returns what a node put out last. Of those that run after the reader when nodes run one at a
   * time, only what they put out in an earlier pass of a loop: so what is seen does not depend on
   * which branch was faster. From inside a container, what lies around it is seen as well.
   */
  @Nullable JsonNode output(String nodeId, int reader) {
    int index = canvas.graph().indexOf(nodeId);
    if (index < 0) {
      return container == null ? null : container.output(nodeId);
    }
    return canvas.runsBefore(index, reader) ? outputs.get(nodeId) : earlier.get(nodeId);
  }

  /** Returns the item at hand, that of the innermost container. */
  @Nullable JsonNode iteration() {
    return item == null ? null : item.value();
  }

  /** Returns how often the Loop node that ran last before this canvas was begun has gone back. */
  int loopCount() {
    return container == null ? 0 : container.loopCount();
  }

  /** Returns the beginning of a record's data. */
  ObjectNode data(FlowNode node) {
    return Json.object().put("id", node.id()).put("name", node.name());
  }

  /** Returns a record's data with what belongs at its end. */
  ObjectNode closed(ObjectNode data) {
    if (item != null) {
      item.addTo(data, run.request().sessionId());
    }
    return data;
  }
}
