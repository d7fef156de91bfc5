package dev.millrace.platform.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;

/** Files and folders that only their owner may read. */
final class PrivateFiles {
  private PrivateFiles() {}

  /** Makes a folder (mode 700) and its missing parents; one that exists keeps its mode. */
  static Path folder(Path folder) throws IOException {
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    return Files.createDirectories(folder, ownerOnly);
  }

  /** Writes a file (mode 600) so that a reader sees the old content or the new one. */
  static void write(Path file, String content) throws IOException {
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    var draft = Files.createTempFile(folderOf(file), "." + file.getFileName(), ".new", ownerOnly);
    try {
      Files.writeString(draft, content);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  static Path folderOf(Path file) {
    var folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException(file + " is a root folder");
    }
    return folder;
  }

  /** Deletes the folder's entries whose names begin so, with all they hold. */
  static void deleteAll(Path folder, String prefix) throws IOException {
    try (var entries = Files.newDirectoryStream(folder, prefix + "*")) {
      for (var entry : entries) {
        deleteTree(entry);
      }
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try (var paths = Files.walk(root)) {
      for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
