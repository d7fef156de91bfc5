package dev.millrace.platform.plugins;

import dev.millrace.cluster.cache.Caches;
import dev.millrace.cluster.events.EventQueue;
import dev.millrace.cluster.locks.Locks;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.sync.SyncHandler;
import dev.millrace.cluster.sync.SyncMessages;
import dev.millrace.cluster.sync.Transaction;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.tools.ToolFactory;
import dev.millrace.platform.tasks.TaskType;
import dev.millrace.platform.tasks.Tasks;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * What a plugin has of the node it runs in. Thread-safe; what adds something ({@link #routes},
 * {@link #node}, {@link #tool}, {@link #taskType}) works in {@link Plugin#load} only.
 */
public interface App {
  /** Returns the plugin's name, version and service keys. */
  PluginDescriptor descriptor();

  /** Returns whether this node answers requests. */
  boolean serving();

  /** Returns whether this node does the work of a service. */
  boolean serving(String service);

  Caches caches();

  PubSub pubSub();

  SyncMessages syncMessages();

  EventQueue eventQueue();

  Locks locks();

  /** Sends a sync message to this plugin on the other nodes. */
  default void sendSyncMessage(@Nullable Object message) {
    syncMessages().publish(descriptor().name(), message);
  }

  /** As {@link #sendSyncMessage(Object)}, if and when a transaction commits. */
  default void sendSyncMessage(@Nullable Object message, Transaction transaction) {
    syncMessages().publish(descriptor().name(), message, transaction);
  }

  /** Hears the sync messages of this plugin on the other nodes, until the node stops. */
  void handleSyncMessages(SyncHandler handler);

  /**
   * Returns the operator's value of a setting: variable {@code PLUGIN_<PLUGIN>_<NAME>}, e.g. {@code
   * PLUGIN_THUMBNAILS_SIZE}.
   */
  Optional<String> setting(String name);

  Logger logger();

  /** Returns the meters of this process; begin their names with the plugin's. */
  MeterRegistry meters();

  /**
   * Returns the plugin's own schema. At the first call its migrations are run: {@code
   * db/migration/V1__….sql} in the jar.
   */
  PluginDatabase database();

  /** Returns where routes are added, under {@code /api/v1/plugins/<plugin>}. */
  PluginRoutes routes();

  /**
   * Adds a kind of node for flows.
   *
   * @param name in flows it is {@code <plugin>.<name>}
   */
  void node(String name, NodeRunner runner);

  /**
   * Adds a kind of tool for agents and Tool nodes.
   *
   * @param name in flows it is {@code <plugin>.<name>}
   */
  void tool(String name, ToolFactory factory);

  /** Adds a kind of background task; its name begins with the plugin's and a colon. */
  void taskType(TaskType type);

  /** Asks for background tasks. */
  Tasks tasks();
}
