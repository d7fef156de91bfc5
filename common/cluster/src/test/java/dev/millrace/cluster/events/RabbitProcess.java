package dev.millrace.cluster.events;

import com.rabbitmq.client.ConnectionFactory;
import dev.millrace.testing.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A RabbitMQ server of the tests' own, from Debian's package, without its service. */
final class RabbitProcess implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");
  private static final Duration START_LIMIT = Duration.ofSeconds(90);

  private final Path folder;
  private final int port = FreePort.find();
  private final Process process;

  private RabbitProcess() throws IOException {
    folder = Files.createTempDirectory("millrace-rabbit-");
    var config =
        Files.writeString(
            folder.resolve("rabbitmq.conf"), "listeners.tcp.1 = 127.0.0.1:" + port + "\n");
    Files.writeString(folder.resolve("plugins"), "[].");
    var builder = new ProcessBuilder(PROGRAM.toString());
    var environment = builder.environment();
    environment.put("HOME", folder.toString());
    environment.put("RABBITMQ_NODENAME", "millrace" + port + "@localhost");
    environment.put("RABBITMQ_CONFIG_FILE", config.toString());
    environment.put("RABBITMQ_MNESIA_BASE", folder.resolve("mnesia").toString());
    environment.put("RABBITMQ_LOG_BASE", folder.resolve("log").toString());
    environment.put("RABBITMQ_ENABLED_PLUGINS_FILE", folder.resolve("plugins").toString());
    environment.put("RABBITMQ_DIST_PORT", Integer.toString(FreePort.find()));
    environment.put("ERL_EPMD_PORT", Integer.toString(FreePort.find()));
    environment.put("ERL_EPMD_ADDRESS", "127.0.0.1");
    process =
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("out").toFile()).start();
  }

  /** Returns why there is none; null when there is. */
  static @Nullable String missing() {
    return Files.isExecutable(PROGRAM)
        ? null
        : PROGRAM + " is not there: apt-get install rabbitmq-server";
  }

  static RabbitProcess start() throws Exception {
    var server = new RabbitProcess();
    try {
      server.awaitReady();
      return server;
    } catch (Exception e) {
      server.close();
      throw e;
    }
  }

  String uri() {
    return "amqp://guest:guest@127.0.0.1:" + port;
  }

  private void awaitReady() throws Exception {
    var factory = new ConnectionFactory();
    factory.setUri(uri());
    var deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      try (var _ = factory.newConnection()) {
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new IOException(
              "RabbitMQ does not start: " + Files.readString(folder.resolve("out")), e);
        }
        process.waitFor(200, TimeUnit.MILLISECONDS);
      }
    }
  }

  @Override
  public void close() throws IOException {
    var all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroy);
    var _ =
        process
            .onExit()
            .orTimeout(20, TimeUnit.SECONDS)
            .handle((ended, late) -> late == null)
            .join();
    all.forEach(ProcessHandle::destroyForcibly);
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
