package dev.millrace.platform.embedded;

import dev.millrace.platform.settings.RedisSettings;
import dev.millrace.platform.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process of its own that owns embedded stores: what a server is to them. */
final class StoreOwner implements AutoCloseable {
  /** The port "discard", on which no ordinary machine listens. */
  private static final int NOBODY = 9;

  static final String READY = "stores are ready";

  private final Process process;

  private StoreOwner(Process process) {
    this.process = process;
  }

  /**
   * Returns the settings of queue mode with nothing configured, but a default Redis address at
   * which nobody answers, whatever runs on this machine.
   */
  static Settings queueMode(Path home) {
    var env = Map.of("MILLRACE_HOME", home.toString(), "MODE", "queue");
    var all = Settings.load(new String[0], env, home.resolve("none"));
    var nobody =
        new RedisSettings(
            false,
            EmbeddedStore.HOST,
            NOBODY,
            0,
            null,
            null,
            false,
            null,
            null,
            null,
            all.redis().keepAlive());
    return new Settings(
        all.mode(),
        all.workerMode(),
        all.workerModeStrict(),
        all.home(),
        all.http(),
        all.queue(),
        all.dashboard(),
        nobody,
        all.database(),
        all.cluster(),
        all.secrets(),
        all.limits(),
        all.scripts(),
        all.outbound(),
        all.models(),
        all.mcp(),
        all.tasks(),
        all.storage(),
        all.plugins(),
        all.jobs(),
        all.mail(),
        all.log());
  }

  /** The process; ends when its input does. */
  public static void main(String[] args) throws IOException {
    try (var stores = EmbeddedStores.startOrJoin(queueMode(Path.of(args[0])))) {
      System.out.println(READY + " " + stores.addresses());
      while (System.in.read() >= 0) {
        // Nothing is said to it.
      }
    }
  }

  /** Starts the process and returns when its stores take connections. */
  static StoreOwner start(Path home) throws IOException {
    var owner = launch(home);
    owner.awaitReady();
    return owner;
  }

  static StoreOwner launch(Path home) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(StoreOwner.class.getName(), home.toString()));
    var error = ProcessBuilder.Redirect.INHERIT;
    return new StoreOwner(new ProcessBuilder(command).redirectError(error).start());
  }

  void awaitReady() throws IOException {
    var out = process.inputReader();
    for (var line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(READY)) {
        return;
      }
    }
    throw new IOException("the owner ended before its stores were ready");
  }

  /** Kills the process as a crash would. */
  void kill() {
    process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** Ends the process in good order. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
  }
}
