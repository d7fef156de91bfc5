package dev.millrace.bullmq;

import dev.millrace.testing.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A Sentinel that watches one master by itself and replaces it after a second. */
final class SentinelProcess implements AutoCloseable {
  private final Process process;
  private final int port;

  private SentinelProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * @param folder where its configuration is kept
   */
  static SentinelProcess start(Path folder, int masterPort) throws IOException {
    var port = FreePort.find();
    var configuration = folder.resolve("sentinel.conf");
    Files.writeString(
        configuration,
        """
        port %d
        bind 127.0.0.1
        dir %s
        sentinel monitor main 127.0.0.1 %d 1
        sentinel down-after-milliseconds main 1000
        sentinel failover-timeout main 3000
        """
            .formatted(port, folder, masterPort));
    var binary = onPath("redis-server").orElseThrow();
    var process =
        new ProcessBuilder(List.of(binary.toString(), configuration.toString(), "--sentinel"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("sentinel.log").toFile())
            .start();
    return new SentinelProcess(process, port);
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  static Optional<Path> onPath(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
