package dev.millrace.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis server of the test's own, which it may kill and start again on the same port.
 *
 * <p>Not thread-safe: one test owns it.
 */
public final class RedisProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(10);

  private final Path binary;
  private final Path folder;
  private final int port;
  private final List<String> options;
  private Process process;

  private RedisProcess(Path binary, int port, List<String> options) throws IOException {
    this.binary = binary;
    this.port = port;
    this.options = List.copyOf(options);
    this.folder = Files.createTempDirectory("millrace-redis-");
    this.process = launch();
  }

  /**
   * Starts a server on a free port: the local binary if there is one, the embedded one otherwise.
   *
   * @param options further options as on the command line, e.g. {@code "--appendonly", "yes"}
   */
  public static RedisProcess start(String... options) {
    try {
      return new RedisProcess(
          Binaries.onPath("redis-server").orElseGet(RedisProcess::embeddedBinary),
          FreePort.find(),
          List.of(options));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a Redis server for tests", e);
    }
  }

  /** As {@link #start}, but always with the embedded Redis 6.2, the oldest that is supported. */
  public static RedisProcess startEmbedded(String... options) {
    try {
      return new RedisProcess(embeddedBinary(), FreePort.find(), List.of(options));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the embedded Redis for tests", e);
    }
  }

  static Path embeddedBinary() {
    try {
      return ExecutableProvider.newJarResourceProvider().get().toPath();
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded Redis binary cannot be unpacked", e);
    }
  }

  /** Returns the address of database 0. */
  public String url() {
    return "redis://127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /** Returns the server's process id. */
  public long pid() {
    return process.pid();
  }

  /** Kills the server as a crash would (SIGKILL) and waits until it is gone. */
  public void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  /** Starts the server again on the same port, with whatever data its options made it keep. */
  public void restart() {
    try {
      process = launch();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot restart Redis on port " + port, e);
    }
  }

  /** Deletes what the server stored; to be called while it is stopped. */
  public void wipe() {
    try (var files = Files.list(folder)) {
      files.forEach(Folders::deleteTree);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot wipe " + folder, e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    awaitExit();
    Folders.deleteTree(folder);
  }

  private Process launch() throws IOException {
    var command = new ArrayList<String>();
    command.add(binary.toString());
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--dir", folder.toString(), "--save", "", "--daemonize", "no"));
    command.addAll(options);
    var started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    var deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!accepts(port)) {
      if (!started.isAlive() || System.nanoTime() > deadline) {
        throw new IOException(binary + " did not open port " + port);
      }
      Thread.onSpinWait();
    }
    return started;
  }

  private static boolean accepts(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void awaitExit() {
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
