package dev.millrace.flows.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The kinds of nodes that can run here. Immutable. */
public final class NodeCatalog {
  private final Map<String, NodeRunner> runners;

  /**
   * @param runners by the node name that selects them, e.g. {@code llmAgentflow}
   */
  public NodeCatalog(Map<String, NodeRunner> runners) {
    this.runners = Map.copyOf(runners);
  }

  /** Returns a catalog that knows further kinds of nodes; those of the same name win. */
  public NodeCatalog with(Map<String, NodeRunner> more) {
    var all = new HashMap<>(runners);
    all.putAll(more);
    return new NodeCatalog(all);
  }

  /** Returns the node names that can run. */
  public Set<String> supported() {
    return runners.keySet();
  }

  /** Returns what runs a kind of node, null when nothing does. */
  @Nullable NodeRunner runner(String name) {
    return runners.get(name);
  }
}
