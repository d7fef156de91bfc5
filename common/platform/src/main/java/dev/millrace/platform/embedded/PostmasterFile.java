package dev.millrace.platform.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL's {@code postmaster.pid}: line 1 is the process, line 8 its state (the same file that
 * pg_ctl watches).
 */
record PostmasterFile(Path file) {
  private static final Logger LOG = LoggerFactory.getLogger(PostmasterFile.class);
  private static final int STATE_LINE = 7;

  static PostmasterFile in(Path data) {
    return new PostmasterFile(data.resolve("postmaster.pid"));
  }

  /** Returns whether the server that this guard runs takes connections. */
  boolean saysReady(GuardedProcess process) throws IOException {
    var lines = lines();
    return lines.size() > STATE_LINE
        && lines.get(STATE_LINE).strip().equals("ready")
        && process.guard().children().anyMatch(child -> child.pid() == pid(lines));
  }

  /**
   * Removes the file if its process number now belongs to a program other than PostgreSQL, as it
   * does after a restart of the machine or container: PostgreSQL would take that for a server in
   * the same folder and refuse to start. In all other cases PostgreSQL itself judges better.
   */
  void removeIfForeign() throws IOException {
    var lines = lines();
    if (lines.isEmpty()) {
      return;
    }
    var foreign =
        ProcessHandle.of(pid(lines))
            .filter(ProcessHandle::isAlive)
            .flatMap(handle -> handle.info().command())
            .filter(command -> !command.endsWith("/postgres"));
    if (foreign.isPresent()) {
      LOG.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("pid", pid(lines))
          .addKeyValue("program", foreign.get())
          .log("removed the lock file of a crashed PostgreSQL whose number another program has");
      Files.deleteIfExists(file);
    }
  }

  private List<String> lines() throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private static long pid(List<String> lines) {
    try {
      return Long.parseLong(lines.getFirst().strip());
    } catch (NumberFormatException halfWritten) {
      return -1;
    }
  }
}
