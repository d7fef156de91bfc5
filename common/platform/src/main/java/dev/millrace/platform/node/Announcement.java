package dev.millrace.platform.node;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.health.Health;
import dev.millrace.platform.health.NodeFacts;
import dev.millrace.platform.health.NodeStatus;
import dev.millrace.platform.node.Consumers.WatchedQueue;
import dev.millrace.platform.process.Shutdown;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * Who this node is, how it is, and who else is there. What it says is collected while the process
 * starts and said from {@link #begin} on.
 */
public final class Announcement {
  private final NodeFacts facts;
  private final Health.Builder health = Health.builder();
  private final Load load = new Load();
  private final NodeMetrics metrics;
  private final NodeRegistry registry;
  private final List<WatchedQueue> queues = new ArrayList<>();

  Announcement(Database database, NodeFacts facts, JsonMapper json) {
    this.facts = facts;
    this.metrics = new NodeMetrics(facts);
    this.registry = new NodeRegistry(database, facts, load, json);
  }

  public NodeFacts facts() {
    return facts;
  }

  /** Collects conditions. */
  public Health.Builder health() {
    return health;
  }

  /** Collects numbers that say how busy this node is; they are meters, too. */
  public void load(String name, java.util.function.LongSupplier number) {
    load.add(name, number);
    metrics.gauge(name, number);
  }

  /** Returns the meters of this process. */
  public NodeMetrics metrics() {
    return metrics;
  }

  /** Adds a queue for whose consumers to look. */
  public void watch(WatchedQueue queue) {
    queues.add(queue);
  }

  public NodeRegistry registry() {
    return registry;
  }

  /** Returns what finds queues without consumers, of those that were added so far. */
  public Consumers consumers() {
    return new Consumers(registry, queues);
  }

  /** Returns what is answered to those who watch this node; all conditions have to be there. */
  public NodeStatus status() {
    return new NodeStatus(facts, health.build(), metrics::scrape);
  }

  /** Puts this node into the list, until the process ends. */
  public void begin(Shutdown shutdown) {
    shutdown.add("node registry", registry).announce();
    if (facts.requests()) {
      shutdown.add("consumers", consumers()).watch();
    }
  }
}
