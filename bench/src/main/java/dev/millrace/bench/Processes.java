package dev.millrace.bench;

import dev.millrace.testing.Folders;
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

/** Starts our server and worker through the scripts that users start them with. */
final class Processes implements AutoCloseable {
  static final String ADMIN_KEY = "bench-admin-key";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final Path root;
  private final Path home;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Process> running = new ArrayList<>();

  Processes(Path root) throws IOException {
    this.root = root;
    this.home = Files.createTempDirectory("millrace-bench-");
  }

  /** A process that answers, and how long that took. */
  record Started(Measured process, int port, double startSeconds) {}

  Started server(Map<String, String> env, int port) throws IOException, InterruptedException {
    return start("server", "bin/start", env, Map.of("PORT", "" + port), port, "/api/v1/ping");
  }

  Started worker(Map<String, String> env, int port) throws IOException, InterruptedException {
    var own = Map.of("WORKER_PORT", "" + port);
    return start("worker", "bin/start-worker", env, own, port, "/healthz");
  }

  /** Sends a JSON request with the admin key; returns the answer's body. */
  String post(int port, String path, String json) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Authorization", "Bearer " + ADMIN_KEY)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build();
    var answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(path + " answered " + answer.statusCode() + ": " + answer.body());
    }
    return answer.body();
  }

  /** Stops what was started, last first, and waits for it. */
  void stopAll() throws InterruptedException {
    for (var process : running.reversed()) {
      process.destroy();
      if (!process.waitFor(40, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    running.clear();
  }

  @Override
  public void close() {
    try {
      stopAll();
    } catch (InterruptedException e) {
      running.forEach(Process::destroyForcibly);
      Thread.currentThread().interrupt();
    }
    http.close();
    Folders.deleteTree(home);
  }

  private Started start(
      String name,
      String script,
      Map<String, String> env,
      Map<String, String> own,
      int port,
      String path)
      throws IOException, InterruptedException {
    var log = home.resolve(name + "-" + port + ".log");
    var builder =
        new ProcessBuilder(root.resolve(script).toString())
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(env);
    builder.environment().putAll(own);
    builder.environment().put("MILLRACE_HOME", home.toString());
    builder.environment().put("ADMIN_API_KEY", ADMIN_KEY);
    builder.environment().put("LOG_LEVEL", "warn");
    var before = System.nanoTime();
    var process = builder.start();
    running.add(process);
    var uri = URI.create("http://127.0.0.1:" + port + path);
    while (!answers(uri)) {
      var seconds = (System.nanoTime() - before) / 1e9;
      if (!process.isAlive() || seconds > START_LIMIT.toSeconds()) {
        throw new IOException(name + " did not start: " + Files.readString(log));
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    var seconds = (System.nanoTime() - before) / 1e9;
    // bin/start replaces itself by the JVM, so its pid is the JVM's.
    return new Started(new Measured(name, process.pid()), port, seconds);
  }

  private boolean answers(URI uri) throws InterruptedException {
    try {
      var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(2)).build();
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }
}
