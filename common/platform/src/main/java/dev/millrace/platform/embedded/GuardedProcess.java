package dev.millrace.platform.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program that ends with this JVM, even if the JVM is killed: {@code guard.sh} runs it and waits
 * for a pipe from here to close. Stopping on purpose closes the same pipe. Thread-safe.
 */
final class GuardedProcess implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration GUARD_LIMIT = GRACE.plusSeconds(5);

  private final Process guard;

  private GuardedProcess(Process guard) {
    this.guard = guard;
  }

  /**
   * Starts a program.
   *
   * @param stopSignal what makes it stop in good order, e.g. {@code INT}
   * @param log gets its output, appended
   */
  static GuardedProcess start(List<String> command, String stopSignal, Path log)
      throws IOException {
    var line = new ArrayList<String>();
    // A session of its own keeps Ctrl-C on the terminal from stopping stores before their users.
    sessionLeader().ifPresent(setsid -> line.add(setsid.toString()));
    line.addAll(List.of("sh", "-c", script(), "guard", stopSignal));
    line.add(Long.toString(GRACE.toSeconds()));
    line.addAll(command);
    var builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    return new GuardedProcess(builder.start());
  }

  ProcessHandle guard() {
    return guard.toHandle();
  }

  /** Returns the program itself, if it runs. */
  Optional<ProcessHandle> program(String name) {
    return guard
        .children()
        .filter(child -> child.info().command().filter(c -> c.endsWith("/" + name)).isPresent())
        .findFirst();
  }

  boolean isAlive() {
    return guard.isAlive();
  }

  /** Waits for the end of the program and returns its exit code, 128 + n for signal n. */
  int awaitExit() throws InterruptedException {
    return guard.waitFor();
  }

  /** Returns the exit code, or nothing when the program did not end in time. */
  Optional<Integer> awaitExit(Duration limit) {
    try {
      var ended = guard.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
      return ended ? Optional.of(guard.exitValue()) : Optional.empty();
    } catch (InterruptedException e) {
      throw Deadline.interrupted(e);
    }
  }

  /** Stops the program in good order, by force after 10 s, and waits until it is gone. */
  @Override
  public void close() {
    try (var pipe = guard.getOutputStream()) {
      pipe.flush();
    } catch (IOException alreadyClosed) {
      // The program ended by itself, which is what is wanted.
    }
    if (awaitExit(GUARD_LIMIT).isEmpty()) {
      guard.descendants().forEach(ProcessHandle::destroyForcibly);
      guard.destroyForcibly();
    }
  }

  private static Optional<Path> sessionLeader() {
    return Stream.of("/usr/bin/setsid", "/bin/setsid", "/usr/local/bin/setsid")
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static String script() {
    try (InputStream in = GuardedProcess.class.getResourceAsStream("guard.sh")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("guard.sh cannot be read from the class path", e);
    }
  }
}
