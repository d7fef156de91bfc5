package dev.millrace.platform.plugins;

import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/**
 * What a plugin says of itself before any of its code runs.
 *
 * @param name small letters, digits and dashes; begins its keys, routes, nodes, and its schema
 * @param version of the plugin, for people
 * @param api the version of this interface that it was made for
 * @param services keys that it adds for WORKER_MODE, each {@code <name>:<verb>}
 */
public record PluginDescriptor(String name, String version, int api, List<String> services) {
  /** Where it is in the jar. */
  public static final String FILE = "META-INF/millrace-plugin.properties";

  /** The version of {@link Plugin} and {@link App} that this Millrace has. */
  public static final int API = 1;

  private static final Set<String> KNOWN = Set.of("name", "version", "api", "services");

  public PluginDescriptor {
    services = List.copyOf(services);
  }

  /**
   * Reads a descriptor.
   *
   * @throws PluginException saying what is wrong with it
   */
  static PluginDescriptor read(Properties properties) {
    for (var name : properties.stringPropertyNames()) {
      if (!KNOWN.contains(name)) {
        throw new PluginException(
            FILE
                + " has the unknown property "
                + name
                + "; known are name, version, api, services");
      }
    }
    var name = required(properties, "name");
    if (!name.matches("[a-z][a-z0-9-]{0,39}")) {
      throw new PluginException(
          FILE + ": name=" + name + " has to be small letters, digits and dashes, at most 40");
    }
    var api = required(properties, "api");
    if (!api.equals(Integer.toString(API))) {
      throw new PluginException(
          name
              + " was made for version "
              + api
              + " of the plugin interface, and this Millrace has "
              + API
              + "; install a version of the plugin that suits it");
    }
    var services =
        Arrays.stream(properties.getProperty("services", "").split(",", -1))
            .map(String::strip)
            .filter(key -> !key.isEmpty())
            .toList();
    for (var key : services) {
      if (!key.matches(name + ":[a-z0-9-]+")) {
        throw new PluginException(
            FILE
                + ": the service key "
                + key
                + " has to be "
                + name
                + ":<verb>; others belong to Millrace or to other plugins");
      }
    }
    return new PluginDescriptor(name, required(properties, "version"), API, services);
  }

  /** Returns the name as an identifier of SQL and of settings: {@code my_plugin}. */
  String identifier() {
    return name.replace('-', '_');
  }

  private static String required(Properties properties, String name) {
    var value = properties.getProperty(name, "").strip();
    if (value.isEmpty()) {
      throw new PluginException(FILE + " has no " + name);
    }
    return value;
  }
}
