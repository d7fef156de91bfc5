package dev.millrace.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One of our processes, with the options of bin/start. */
final class JavaProcess implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration START_LIMIT = Duration.ofSeconds(90);

  private final String name;
  private final Process process;
  private final Path log;
  private final int port;

  private JavaProcess(String name, Process process, Path log, int port) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.port = port;
  }

  /**
   * Starts a process; does not wait for it.
   *
   * @param main its main class
   * @param port the one it will answer on
   */
  static JavaProcess start(String name, String main, Map<String, String> env, Path home, int port)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    var log = Files.createTempFile(home, name + "-", ".log");
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(JavaProcess::isSetting);
    builder.environment().putAll(env);
    return new JavaProcess(name, builder.start(), log, port);
  }

  /** Returns the options of bin/lib/common.sh, so that tests and users run the same. */
  static List<String> options() {
    return List.of(
        "-Xmx512m",
        "-Xms64m",
        "-Xmn48m",
        "-XX:+UseSerialGC",
        "-XX:+UseCompactObjectHeaders",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow");
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "no log: " + e.getMessage();
    }
  }

  /** Waits until a path answers 200. */
  JavaProcess awaitUp(String path) throws InterruptedException {
    var deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (status(path) != 200) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new AssertionError(name + " did not come up:\n" + log());
      }
      // Polls a process from outside; there is nothing to be notified by.
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return this;
  }

  /** Returns the status of a GET, 0 when nothing answers. */
  int status(String path) throws InterruptedException {
    try {
      var request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(10)).build();
      return HTTP.send(request, BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGTERM; returns the exit code. */
  int terminate(Duration limit) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(name + " did not stop within " + limit + ":\n" + log());
    }
    return process.exitValue();
  }

  /** Returns the resident memory in MB. */
  double rssMegabytes() throws IOException {
    for (var line : Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Integer.parseInt(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("no VmRSS of " + name);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  // Settings of whoever runs the tests must not reach what they test.
  private static boolean isSetting(String variable) {
    return variable.matches(
        "(REDIS|DATABASE|QUEUE|WORKER|MILLRACE|REMOVE|HTTP|LOG|JOBS|SMTP|GRAPHILE)_.*|MODE|PORT|HOST|ADMIN_API_KEY");
  }
}
