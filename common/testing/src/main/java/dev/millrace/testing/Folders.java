package dev.millrace.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** Clears away what tests and benchmarks wrote. */
public final class Folders {
  private Folders() {}

  /** Deletes a folder and all it holds; what is already gone is no error. */
  public static void deleteTree(Path root) {
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
