package dev.millrace.platform.plugins;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Properties;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.jar.JarFile;

/**
 * A jar with a plugin, opened.
 *
 * @param loader its classes
 */
record PluginJar(Path file, PluginDescriptor descriptor, PluginClassLoader loader) {

  /**
   * Reads what a jar says of itself; runs none of its code.
   *
   * @throws PluginException when it is no plugin, or none for this Millrace
   */
  static PluginJar open(Path file) {
    try (var jar = new JarFile(file.toFile())) {
      var entry = jar.getEntry(PluginDescriptor.FILE);
      if (entry == null) {
        throw new PluginException("it has no " + PluginDescriptor.FILE);
      }
      var properties = new Properties();
      try (var in = jar.getInputStream(entry)) {
        properties.load(in);
      }
      var descriptor = PluginDescriptor.read(properties);
      return new PluginJar(
          file,
          descriptor,
          new PluginClassLoader(
              descriptor.name(), file.toUri().toURL(), PluginJar.class.getClassLoader()));
    } catch (IOException | IllegalArgumentException e) {
      throw new PluginException("it cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Makes the plugin.
   *
   * @throws PluginException when there is not exactly one
   */
  Plugin instantiate() {
    try {
      var found = ServiceLoader.load(Plugin.class, loader).stream().toList();
      if (found.size() != 1) {
        throw new PluginException(
            "META-INF/services/"
                + Plugin.class.getName()
                + " has to name one class, and names "
                + found.size());
      }
      return found.getFirst().get();
    } catch (ServiceConfigurationError e) {
      throw new PluginException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Closes the jar; classes that were not loaded yet are gone. */
  void close() {
    try {
      loader.close();
    } catch (IOException e) {
      throw new PluginException("it cannot be closed: " + e.getMessage(), e);
    }
  }
}
