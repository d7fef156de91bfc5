package dev.millrace.platform.plugins;

/**
 * A part of Millrace that comes in a jar of its own. The jar names its implementation in {@code
 * META-INF/services/dev.millrace.platform.plugins.Plugin} and describes itself in {@code
 * META-INF/millrace-plugin.properties} ({@code docs/plugins.md}). The class has a public
 * constructor without parameters.
 *
 * <p>Its methods are called once each, in this order, by one thread at a time, and have half a
 * minute. One that throws or takes longer is reported, and the plugin is left out.
 */
public interface Plugin {
  /**
   * Says what the plugin adds: routes, nodes, tools, kinds of tasks, subscriptions. The primitives
   * are not connected yet: nothing can be published here.
   */
  void load(App app) throws Exception;

  /** Begins to work: the primitives are connected, requests and jobs come in next. */
  default void start() throws Exception {}

  /** Ends its work; everything that it got from its {@link App} still works. */
  default void stop() throws Exception {}
}
