package dev.millrace.platform.plugins;

import dev.millrace.cluster.ServiceSplit;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.tools.ToolFactory;
import dev.millrace.platform.tasks.TaskType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugins of this node: found, loaded, started, stopped in reverse order. One that cannot be
 * used is reported and left out; the others and the node go on. The life cycle is driven by one
 * thread; what is read while requests come in is thread-safe.
 */
public final class Plugins implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Plugins.class);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Duration limit;
  private final Map<String, PluginJar> jars = new LinkedHashMap<>();
  private volatile Map<String, Loaded> loaded = Map.of();
  private volatile List<Problem> problems = List.of();

  private record Loaded(PluginJar jar, Plugin plugin, PluginApp app) {}

  /**
   * A plugin that was left out.
   *
   * @param plugin its name, or that of its file when it has none
   */
  public record Problem(String plugin, String message) {}

  private Plugins(Duration limit) {
    this.limit = limit;
  }

  /** Returns a node's that has none. */
  public static Plugins none() {
    return new Plugins(LIMIT);
  }

  /**
   * Finds the jars of a folder and reads what they say of themselves; runs none of their code.
   *
   * @param folder need not exist
   */
  public static Plugins find(Path folder) {
    return find(folder, LIMIT);
  }

  static Plugins find(Path folder, Duration limit) {
    var plugins = new Plugins(limit);
    if (!Files.isDirectory(folder)) {
      return plugins;
    }
    try (var files = Files.list(folder)) {
      files.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(plugins::add);
    } catch (IOException e) {
      plugins.leaveOut(folder.toString(), "the folder cannot be read: " + e.getMessage(), e);
    }
    return plugins;
  }

  private void add(Path file) {
    try {
      var jar = PluginJar.open(file);
      var before = jars.putIfAbsent(jar.descriptor().name(), jar);
      if (before != null) {
        jar.close();
        leaveOut(
            file.getFileName().toString(),
            "the name " + jar.descriptor().name() + " is taken by " + before.file().getFileName(),
            null);
      }
    } catch (PluginException e) {
      leaveOut(String.valueOf(file.getFileName()), String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns the service keys that the plugins add to Millrace's own. */
  public Set<String> serviceKeys() {
    var keys = new TreeSet<String>();
    jars.values().forEach(jar -> keys.addAll(jar.descriptor().services()));
    keys.removeAll(Set.of(ServiceSplit.WORKFLOW, ServiceSplit.ASYNC_TASK));
    return keys;
  }

  /** Loads them: from here on it is known what they add. */
  public void load(PluginHost host) throws InterruptedException {
    var all = new LinkedHashMap<String, Loaded>();
    for (var jar : List.copyOf(jars.values())) {
      var name = jar.descriptor().name();
      var app = new PluginApp(jar.descriptor(), host, jar.loader());
      try {
        var made = new ArrayList<Plugin>(1);
        PluginCalls.run(
            "load()",
            jar.loader(),
            limit,
            () -> {
              var plugin = jar.instantiate();
              made.add(plugin);
              plugin.load(app);
            });
        app.loaded();
        addTaskTypes(app, host);
        all.put(name, new Loaded(jar, made.getFirst(), app));
        LOG.info("plugin {} {} is loaded", name, jar.descriptor().version());
      } catch (PluginException e) {
        app.loaded();
        app.close();
        jars.remove(name);
        jar.close();
        leaveOut(name, String.valueOf(e.getMessage()), e);
      }
    }
    loaded = Map.copyOf(all);
  }

  private static void addTaskTypes(PluginApp app, PluginHost host) {
    var origin = app.descriptor().name();
    try {
      for (TaskType type : app.taskTypes()) {
        host.tasks().types().add(type, origin);
      }
    } catch (IllegalArgumentException e) {
      host.tasks().types().removeAll(origin);
      throw new PluginException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Starts those that were loaded; one that fails is left out, only its nodes stay known. */
  public void start() throws InterruptedException {
    for (var name : jars.keySet()) {
      var one = loaded.get(name);
      if (one == null) {
        continue;
      }
      try {
        PluginCalls.run("start()", one.jar().loader(), limit, one.plugin()::start);
      } catch (PluginException e) {
        one.app().close();
        var rest = new HashMap<>(loaded);
        rest.remove(name);
        loaded = Map.copyOf(rest);
        leaveOut(name, String.valueOf(e.getMessage()), e);
      }
    }
  }

  /** Stops those that run, the last first. */
  @Override
  public void close() {
    for (var name : List.copyOf(jars.keySet()).reversed()) {
      var one = loaded.get(name);
      if (one == null) {
        continue;
      }
      try {
        PluginCalls.run("stop()", one.jar().loader(), limit, one.plugin()::stop);
      } catch (PluginException e) {
        LOG.warn("plugin {} did not stop: {}", name, e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      one.app().close();
    }
    loaded = Map.of();
  }

  /** Returns the kinds of nodes that they add, by the names that flows have for them. */
  public Map<String, NodeRunner> nodes() {
    var all = new HashMap<String, NodeRunner>();
    loaded.values().forEach(one -> all.putAll(one.app().nodes()));
    return all;
  }

  /** Returns the kinds of tools that they add. */
  public Map<String, ToolFactory> tools() {
    var all = new HashMap<String, ToolFactory>();
    loaded.values().forEach(one -> all.putAll(one.app().tools()));
    return all;
  }

  /** Returns the route of a plugin that suits a request. */
  public Optional<PluginRoutes.Match> route(String plugin, String method, String path) {
    return Optional.ofNullable(loaded.get(plugin)).flatMap(one -> one.app().route(method, path));
  }

  /** Returns those that are in use. */
  public List<PluginDescriptor> descriptors() {
    return loaded.values().stream()
        .map(one -> one.jar().descriptor())
        .sorted(Comparator.comparing(PluginDescriptor::name))
        .toList();
  }

  /** Returns those that were left out, and why. */
  public List<Problem> problems() {
    return problems;
  }

  private void leaveOut(String plugin, String message, @Nullable Exception cause) {
    LOG.error("plugin {} is left out: {}", plugin, message, cause);
    var all = new ArrayList<>(problems);
    all.add(new Problem(plugin, message));
    problems = List.copyOf(all);
  }
}
