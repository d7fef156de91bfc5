package dev.millrace.pgjobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Runs a program for each job, as graphile-worker does with executable files: the job's facts come
 * in variables named {@code GRAPHILE_WORKER_…}, its payload as {@code {"payload": …}} on standard
 * input. Exit code 0 is success. What the program prints goes to the task's log; the last line of
 * its standard error becomes part of the reason of a failure. It is ended with all its children
 * when the job is aborted.
 */
final class ExecutableTask implements Task {
  private static final int LONGEST_LINE = 8_000;
  private static final long END_MS = 2_000;

  private final Path program;

  ExecutableTask(Path program) {
    this.program = program;
  }

  @Override
  public void run(TaskContext context) throws Exception {
    var process = start(context.job());
    context.abortSignal().onAbort(() -> end(process));
    try {
      var lastError = new AtomicReference<>("");
      var log = context.logger();
      var out = reader(process.getInputStream(), line -> log.info("{}", line));
      var err =
          reader(
              process.getErrorStream(),
              line -> {
                lastError.set(line);
                log.error("{}", line);
              });
      feed(process, context.payloadText());
      var code = process.waitFor();
      // A child that outlives the program may keep the pipes open; what it prints is not waited
      // for.
      out.join(END_MS);
      err.join(END_MS);
      if (context.abortSignal().isAborted()) {
        // Its exit code says nothing: a program whose children were ended may call that a success.
        throw new InterruptedException(program.getFileName() + " was ended");
      }
      if (code != 0) {
        throw new IllegalStateException(
            "%s exited with %d%s"
                .formatted(
                    program.getFileName(),
                    code,
                    lastError.get().isBlank() ? "" : ": " + lastError.get()));
      }
    } finally {
      end(process);
    }
  }

  private Process start(Job job) throws IOException {
    var builder = new ProcessBuilder(program.toString());
    builder.directory(Objects.requireNonNull(program.getParent(), "a file").toFile());
    var environment = builder.environment();
    environment.put("GRAPHILE_WORKER_PAYLOAD_FORMAT", "json");
    environment.put("GRAPHILE_WORKER_TASK_IDENTIFIER", job.task());
    environment.put("GRAPHILE_WORKER_JOB_ID", Long.toString(job.id()));
    environment.put("GRAPHILE_WORKER_JOB_KEY", job.key() == null ? "" : job.key());
    environment.put("GRAPHILE_WORKER_JOB_ATTEMPTS", Integer.toString(job.attempts()));
    environment.put("GRAPHILE_WORKER_JOB_MAX_ATTEMPTS", Integer.toString(job.maxAttempts()));
    environment.put("GRAPHILE_WORKER_JOB_PRIORITY", Integer.toString(job.priority()));
    environment.put("GRAPHILE_WORKER_JOB_RUN_AT", job.runAt().toString());
    return builder.start();
  }

  private static void feed(Process process, String payload) {
    try (var in = process.getOutputStream()) {
      in.write(("{\"payload\":" + payload + "}").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended or closed its input without reading all; its exit code says whether that is bad.
    }
  }

  private static Thread reader(InputStream stream, Consumer<String> line) {
    return Thread.ofVirtual()
        .name("output")
        .start(() -> {
          try (var reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
            lines(reader, line);
          } catch (IOException e) {
            // The program is gone, and its pipe with it.
          }
        });
  }

  /** Hands out lines; what is too long for one is cut into several, so that memory is bounded. */
  private static void lines(Reader reader, Consumer<String> line) throws IOException {
    var text = new StringBuilder();
    var buffer = new char[4_096];
    for (var read = reader.read(buffer); read >= 0; read = reader.read(buffer)) {
      for (var i = 0; i < read; i++) {
        if (buffer[i] == '\n' || text.length() == LONGEST_LINE) {
          flush(text, line);
        }
        if (buffer[i] != '\n' && buffer[i] != '\r') {
          text.append(buffer[i]);
        }
      }
    }
    flush(text, line);
  }

  private static void flush(StringBuilder text, Consumer<String> line) {
    if (!text.isEmpty()) {
      line.accept(text.toString());
      text.setLength(0);
    }
  }

  private static void end(Process process) {
    var children = process.descendants().toList();
    if (!process.isAlive() && children.isEmpty()) {
      return;
    }
    children.forEach(ProcessHandle::destroy);
    process.destroy();
    var interrupted = Thread.interrupted();
    try {
      var _ = process.waitFor(END_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    children.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
