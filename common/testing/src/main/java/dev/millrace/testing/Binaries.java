package dev.millrace.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Finds server programs that are installed on this machine. */
final class Binaries {
  private Binaries() {}

  /** Returns the first executable of that name on the PATH. */
  static Optional<Path> onPath(String name) {
    var path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(":"))
        .filter(dir -> !dir.isEmpty())
        .map(dir -> Path.of(dir, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Returns whether a Docker engine answers that has an image or can get it. An engine without a
   * registry would keep Testcontainers trying for minutes.
   */
  static boolean dockerHas(String image) {
    return onPath("docker").isPresent()
        && succeeds(Duration.ofSeconds(5), "docker", "version")
        && (succeeds(Duration.ofSeconds(5), "docker", "image", "inspect", image)
            || succeeds(Duration.ofMinutes(2), "docker", "pull", "-q", image));
  }

  private static boolean succeeds(Duration limit, String... command) {
    try {
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
