package dev.millrace.platform.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Under whom PostgreSQL runs, which refuses to run as root.
 *
 * <p>For an ordinary user that is the user. Root is hidden in a user namespace where the kernel
 * allows it ({@code unshare -U}: the files stay root's, and no folder has to be opened to others),
 * and else becomes {@code nobody}.
 */
enum UnprivilegedUser {
  /** We are no root. */
  SELF,
  /** Root that does not look like it, and has lost root's powers. */
  NAMESPACE,
  /** Another user, who owns the data and must be able to reach it. */
  NOBODY;

  private static final Duration COMMAND_LIMIT = Duration.ofSeconds(30);

  static UnprivilegedUser choose() {
    if (!succeeds(List.of("sh", "-c", "test $(id -u) = 0"))) {
      return SELF;
    }
    for (var candidate : List.of(NAMESPACE, NOBODY)) {
      // PostgreSQL also wants the user to have a name.
      if (candidate.can("test $(id -u) != 0 && id -un")) {
        return candidate;
      }
    }
    throw new EmbeddedStoreException(
        "PostgreSQL does not run as root, and neither unshare nor setpriv can make another user"
            + " here; start Millrace as an ordinary user, or set DATABASE_HOST to a server of your"
            + " own");
  }

  /** Returns what to put before a command; it replaces itself by the command. */
  List<String> prefix() {
    return switch (this) {
      case SELF -> List.of();
      case NAMESPACE -> List.of("unshare", "-U");
      case NOBODY -> List.of("setpriv", "--reuid=nobody", "--regid=65534", "--clear-groups");
    };
  }

  /** Makes sure that the user can use these folders. */
  void letReach(Path data, Path programs) throws IOException {
    if (this == NOBODY) {
      for (var folder : List.of(data, programs)) {
        passable(folder);
      }
    }
    var postgres = programs.resolve("bin/postgres").toString();
    if (!can("test -x \"$1\" && test -x \"$2\"", data.toString(), postgres)) {
      throw new EmbeddedStoreException(
          "PostgreSQL does not run as root, and user nobody cannot reach "
              + data
              + " and "
              + programs
              + "; set MILLRACE_HOME to a folder outside of root's own, e.g."
              + " /var/lib/millrace, or start Millrace as an ordinary user");
    }
  }

  /** Makes a file, or a folder with all it holds, the user's if it is another's. */
  void give(Path path) throws IOException {
    if (this == SELF) {
      return;
    }
    var owner = this == NOBODY ? "nobody" : "root";
    if (!Files.getOwner(path).getName().equals(owner)
        && !succeeds(List.of("chown", "-R", owner, path.toString()))) {
      throw new EmbeddedStoreException("cannot make " + path + " belong to " + owner);
    }
  }

  /** Returns whether the user can do this; the arguments are $1, $2 and so on. */
  private boolean can(String shell, String... arguments) {
    var command = new ArrayList<>(prefix());
    command.addAll(List.of("sh", "-c", shell, "sh"));
    command.addAll(List.of(arguments));
    return succeeds(command);
  }

  // The data folder and bin/ are ours to open; what holds secrets in them has mode 600.
  private static void passable(Path folder) throws IOException {
    var home = PrivateFiles.folderOf(PrivateFiles.folderOf(folder));
    for (var path = folder; path != null && path.startsWith(home); path = path.getParent()) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
    }
  }

  private static boolean succeeds(List<String> command) {
    try {
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      var ended = process.waitFor(COMMAND_LIMIT.toSeconds(), TimeUnit.SECONDS);
      process.destroyForcibly();
      return ended && process.exitValue() == 0;
    } catch (IOException noSuchProgram) {
      return false;
    } catch (InterruptedException e) {
      throw Deadline.interrupted(e);
    }
  }
}
