package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.withDefault;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The plugins, and what the operator tells them.
 *
 * @param folder where their jars are
 * @param values of variables that begin with {@code PLUGIN_}, by name; they may be secret
 */
public record PluginSettings(Path folder, Map<String, String> values) {
  private static final String PREFIX = "PLUGIN_";

  private static final Variable<String> PLUGINS_FOLDER =
      withDefault(
          "PLUGINS_FOLDER",
          Syntax.folder(),
          "plugins",
          "Folder with the jars of plugins; a relative one is in the folder of the"
              + " installation. Their own settings are variables PLUGIN_<PLUGIN>_<NAME>");

  static final List<Variable<?>> VARIABLES = List.of(PLUGINS_FOLDER);

  public PluginSettings {
    values = Map.copyOf(values);
  }

  static PluginSettings read(Values values) {
    return new PluginSettings(folder(values), values.startingWith(PREFIX));
  }

  /** A relative folder is one of the installation, wherever the process starts. */
  private static Path folder(Values values) {
    var given = values.get(PLUGINS_FOLDER);
    return given.startsWith("~") || Path.of(given).isAbsolute()
        ? values.getPath(PLUGINS_FOLDER)
        : Path.of(System.getProperty("millrace.root", ""))
            .resolve(given)
            .toAbsolutePath()
            .normalize();
  }

  @Override
  public String toString() {
    return "PluginSettings[folder=" + folder + ", values=" + values.keySet() + "]";
  }
}
