package dev.millrace.platform.embedded;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The log of a store: its end explains failures, and its length is bounded. */
final class LogTail {
  private static final int TAIL_BYTES = 1500;
  private static final long ROTATE_BYTES = 10_000_000;

  private LogTail() {}

  /** Returns the file's name and its last lines. */
  static String of(Path log) {
    try (var file = new RandomAccessFile(log.toFile(), "r")) {
      file.seek(Math.max(0, file.length() - TAIL_BYTES));
      var bytes = new byte[TAIL_BYTES];
      var length = Math.max(0, file.read(bytes));
      return new String(bytes, 0, length, StandardCharsets.UTF_8).strip() + " (" + log + ")";
    } catch (IOException e) {
      return "nothing that can be read (" + log + ": " + e.getMessage() + ")";
    }
  }

  /** Puts a log that has grown long aside, in place of the one put aside before. */
  static void rotate(Path log) throws IOException {
    if (Files.exists(log) && Files.size(log) > ROTATE_BYTES) {
      Files.move(
          log,
          log.resolveSibling(log.getFileName() + ".1"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
