package dev.millrace.platform.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/** Locks between processes (and within one) that the kernel lets go of when their holder dies. */
final class FileLocks {
  private FileLocks() {}

  /** A lock that is held until it is closed. */
  record Held(FileChannel channel) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Takes the lock if nobody has it; makes the file if it is missing. */
  static Optional<Held> tryLock(Path file) throws IOException {
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return Optional.of(new Held(channel));
      }
    } catch (OverlappingFileLockException heldByThisProcess) {
      // The same as being held by another one.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return Optional.empty();
  }

  /** Takes the lock, waiting for it as long as the limit says. */
  static Held lock(Path file, Duration limit) throws IOException {
    var deadline = Deadline.in(limit);
    while (true) {
      var held = tryLock(file);
      if (held.isPresent()) {
        return held.get();
      }
      if (deadline.passed()) {
        throw new EmbeddedStoreException(
            "another process holds "
                + file
                + " for more than "
                + limit.toSeconds()
                + " s; find it with fuser and stop it");
      }
      deadline.pause();
    }
  }
}
