package dev.millrace.platform.process;

import dev.millrace.platform.settings.Catalogue;
import dev.millrace.platform.settings.Settings;
import dev.millrace.platform.settings.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Starts a process: reads its settings, opens it, and says in one line when it cannot. */
public final class Launcher {
  /** Opens a process, adding to {@code shutdown} what has to be closed. */
  @FunctionalInterface
  public interface Opener {
    void open(Settings settings, Shutdown shutdown) throws Exception;
  }

  private Launcher() {}

  /**
   * Runs a process until it is told to stop. Exits with 2 when a setting is wrong, with 1 when the
   * process cannot start.
   *
   * @param usage the first line of {@code --help}
   */
  public static void run(String[] args, String usage, Opener opener) {
    if (Arrays.asList(args).contains("--help")) {
      System.out.println(usage);
      System.out.println(Catalogue.help());
      return;
    }
    try {
      var settings = Settings.load(args, System.getenv(), envFile());
      Logging.configure(settings.log());
      start(settings, opener);
    } catch (SettingsException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  private static void start(Settings settings, Opener opener) {
    var shutdown = new Shutdown();
    // Work gets its own limit; what is left of the process gets a little more.
    shutdown.onSignal(settings.queue().shutdownTimeout().plusSeconds(10));
    try {
      opener.open(settings, shutdown);
    } catch (Exception e) {
      System.err.println("Millrace cannot start: " + reasons(e));
      shutdown.exit(1);
    }
  }

  private static String reasons(Throwable error) {
    var text = new StringBuilder();
    for (var e = error; e != null; e = e.getCause()) {
      var message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      if (!text.toString().contains(message)) {
        text.append(text.isEmpty() ? "" : ": ").append(message);
      }
    }
    return text.toString();
  }

  private static Path envFile() {
    var here = Path.of(".env");
    return Files.exists(here) ? here : Path.of(System.getProperty("millrace.root", "."), ".env");
  }
}
