package dev.millrace.platform.plugins;

import dev.millrace.cluster.Subscription;
import dev.millrace.cluster.cache.Caches;
import dev.millrace.cluster.events.EventQueue;
import dev.millrace.cluster.locks.Locks;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.sync.SyncHandler;
import dev.millrace.cluster.sync.SyncMessages;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.tools.ToolFactory;
import dev.millrace.platform.tasks.TaskType;
import dev.millrace.platform.tasks.Tasks;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one plugin has of the node, and what it added to it. */
final class PluginApp implements App {
  private final PluginDescriptor descriptor;
  private final PluginHost host;
  private final ClassLoader loader;
  private final Logger logger;
  private final PluginRoutes routes = new PluginRoutes();
  private final Map<String, NodeRunner> nodes = new HashMap<>();
  private final Map<String, ToolFactory> tools = new HashMap<>();
  private final List<TaskType> taskTypes = new ArrayList<>();
  private final List<Subscription> subscriptions = new ArrayList<>();
  private @Nullable PluginDatabase database; // guarded by this
  private volatile boolean loading = true;

  PluginApp(PluginDescriptor descriptor, PluginHost host, ClassLoader loader) {
    this.descriptor = descriptor;
    this.host = host;
    this.loader = loader;
    this.logger = LoggerFactory.getLogger("plugin." + descriptor.name());
  }

  @Override
  public PluginDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public boolean serving() {
    return host.split().serving();
  }

  @Override
  public boolean serving(String service) {
    return host.split().serving(service);
  }

  @Override
  public Caches caches() {
    return host.cluster().caches();
  }

  @Override
  public PubSub pubSub() {
    return host.cluster().pubSub();
  }

  @Override
  public SyncMessages syncMessages() {
    return host.cluster().sync();
  }

  @Override
  public EventQueue eventQueue() {
    return host.cluster().events();
  }

  @Override
  public Locks locks() {
    return host.cluster().locks();
  }

  @Override
  public synchronized void handleSyncMessages(SyncHandler handler) {
    subscriptions.add(syncMessages().subscribe(descriptor.name(), handler));
  }

  @Override
  public Optional<String> setting(String name) {
    var variable = descriptor.identifier().toUpperCase(Locale.ROOT) + "_" + name;
    return Optional.ofNullable(host.settings().get("PLUGIN_" + variable));
  }

  @Override
  public Logger logger() {
    return logger;
  }

  @Override
  public MeterRegistry meters() {
    return host.meters();
  }

  @Override
  public synchronized PluginDatabase database() {
    var open = database;
    if (open == null) {
      open = PluginSchema.open(host.database(), "plugin_" + descriptor.identifier(), loader);
      database = open;
    }
    return open;
  }

  @Override
  public PluginRoutes routes() {
    requireLoading("routes");
    return routes;
  }

  @Override
  public void node(String name, NodeRunner runner) {
    requireLoading("nodes");
    if (nodes.putIfAbsent(descriptor.name() + "." + name, runner) != null) {
      throw new PluginException("the node " + name + " was added twice");
    }
  }

  @Override
  public void tool(String name, ToolFactory factory) {
    requireLoading("tools");
    if (tools.putIfAbsent(descriptor.name() + "." + name, factory) != null) {
      throw new PluginException("the tool " + name + " was added twice");
    }
  }

  @Override
  public void taskType(TaskType type) {
    requireLoading("kinds of tasks");
    if (!type.name().startsWith(descriptor.name() + ":")) {
      throw new PluginException(
          "the task type " + type.name() + " has to begin with " + descriptor.name() + ":");
    }
    taskTypes.add(type);
  }

  @Override
  public Tasks tasks() {
    return host.tasks();
  }

  Optional<PluginRoutes.Match> route(String method, String path) {
    return routes.find(method, path);
  }

  Map<String, NodeRunner> nodes() {
    return nodes;
  }

  Map<String, ToolFactory> tools() {
    return tools;
  }

  List<TaskType> taskTypes() {
    return taskTypes;
  }

  void loaded() {
    loading = false;
  }

  /** Ends what it hears. */
  synchronized void close() {
    subscriptions.forEach(Subscription::close);
    subscriptions.clear();
  }

  private void requireLoading(String what) {
    if (!loading) {
      throw new IllegalStateException(
          what + " are added while the plugin " + descriptor.name() + " is loaded, not later");
    }
  }
}
