package dev.millrace.platform.plugins;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The classes of one plugin. Of Millrace's it sees what the interface of plugins is made of and
 * nothing else, so that a plugin may bring its own version of any library.
 */
final class PluginClassLoader extends URLClassLoader {
  /** What is the same object on both sides: types of {@link App}, and what they mention. */
  private static final List<String> SHARED =
      List.of(
          "dev.millrace.cluster.",
          "dev.millrace.flows.engine.",
          "dev.millrace.flows.model.",
          "dev.millrace.flows.models.ToolSpec",
          "dev.millrace.flows.tools.",
          "dev.millrace.platform.plugins.",
          "dev.millrace.platform.tasks.",
          "dev.millrace.platform.db.DatabaseUnavailableException",
          "io.micrometer.core.",
          "io.micrometer.common.",
          "org.jdbi.v3.core.",
          "org.jspecify.annotations.",
          "org.slf4j.",
          "tools.jackson.",
          "com.fasterxml.jackson.annotation.");

  static {
    registerAsParallelCapable();
  }

  private final ClassLoader millrace;

  PluginClassLoader(String name, URL jar, ClassLoader millrace) {
    super("plugin-" + name, new URL[] {jar}, ClassLoader.getPlatformClassLoader());
    this.millrace = millrace;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (SHARED.stream().anyMatch(name::startsWith)) {
      return millrace.loadClass(name);
    }
    return super.loadClass(name, resolve);
  }

  // Resources are the plugin's own: its migrations, its descriptor, its services.
  @Override
  public @Nullable URL getResource(String name) {
    return findResource(name);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    return findResources(name);
  }
}
