package dev.millrace.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
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

  /** Returns whether a Docker engine answers, without waiting long for one that does not. */
  static boolean dockerAnswers() {
    if (onPath("docker").isEmpty()) {
      return false;
    }
    try {
      var probe =
          new ProcessBuilder("docker", "version", "--format", "{{.Server.Version}}")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!probe.waitFor(5, java.util.concurrent.TimeUnit.SECONDS)) {
        probe.destroyForcibly();
        return false;
      }
      return probe.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Deletes a folder and all it holds; what is already gone is no error. */
  static void deleteTree(Path root) {
    try (var paths = Files.walk(root)) {
      for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // A server that is still shutting down may delete its own files between walk and delete.
      System.err.println("left behind: " + root + " (" + e.getMessage() + ")");
    }
  }
}
