package dev.millrace.platform.cli;

import dev.millrace.platform.settings.Settings;
import dev.millrace.platform.settings.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The settings of commands: those of the processes beside them. */
final class CliSettings {
  private CliSettings() {}

  /**
   * Reads them from the environment and from .env, here or where the program is installed.
   *
   * @param given {@code NAME=value}, which win; null for none
   */
  static Settings load(@Nullable List<String> given) {
    var flags = given == null ? List.<String>of() : given.stream().map(one -> "--" + one).toList();
    var here = Path.of(".env");
    var file =
        Files.exists(here) ? here : Path.of(System.getProperty("millrace.root", "."), ".env");
    try {
      return Settings.load(flags.toArray(String[]::new), System.getenv(), file);
    } catch (SettingsException e) {
      throw new CliException(String.valueOf(e.getMessage()), e);
    }
  }
}
