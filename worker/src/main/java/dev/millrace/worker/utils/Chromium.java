package dev.millrace.worker.utils;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A headless browser for one document, with a profile of its own that is deleted after it. What it
 * would fetch by itself goes to a proxy that is not there; see {@link ChromiumPdf} for what it may.
 */
final class Chromium implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Chromium.class);
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");

  private final Process process;
  private final Path profile;
  private final HttpClient http;
  private final DevTools devTools;

  private Chromium(Process process, Path profile, HttpClient http, DevTools devTools) {
    this.process = process;
    this.profile = profile;
    this.http = http;
    this.devTools = devTools;
  }

  /** Looks for a browser on the PATH. */
  static Optional<Path> find() {
    var path = System.getenv().getOrDefault("PATH", "");
    return NAMES.stream()
        .flatMap(name -> Stream.of(path.split(":", -1)).map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts a browser and connects to it. */
  static Chromium start(Path program) throws IOException, InterruptedException {
    var profile = Files.createTempDirectory("millrace-chromium-");
    @Nullable Process process = null;
    try {
      process = new ProcessBuilder(command(program, profile)).redirectErrorStream(true).start();
      var address = address(process);
      var http = HttpClient.newHttpClient();
      return new Chromium(process, profile, http, DevTools.connect(http, URI.create(address)));
    } catch (IOException | InterruptedException | RuntimeException e) {
      if (process != null) {
        kill(process);
      }
      delete(profile);
      throw e;
    }
  }

  private static List<String> command(Path program, Path profile) {
    var command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--headless=new",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-extensions",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-default-apps",
                "--no-first-run",
                "--no-default-browser-check",
                "--mute-audio",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                // Port 9 discards; "<-loopback>" sends even loopback there.
                "--proxy-server=http://127.0.0.1:9",
                "--proxy-bypass-list=<-loopback>",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"));
    if (System.getProperty("user.name", "").equals("root")) {
      // Its sandbox refuses root, as which it runs in most containers.
      command.add("--no-sandbox");
    }
    command.add("about:blank");
    return command;
  }

  private static String address(Process process) throws IOException, InterruptedException {
    var found = new CompletableFuture<String>();
    Thread.ofVirtual().name("chromium-output").start(() -> read(process.inputReader(), found));
    try {
      return found.get(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException("the browser did not start: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new IOException(
          "the browser did not start within " + START_LIMIT.toSeconds() + " s", e);
    }
  }

  /** Reads to the end, so that the browser never waits for its log to be read. */
  private static void read(BufferedReader reader, CompletableFuture<String> found) {
    var last = "it said nothing";
    try (reader) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        var match = LISTENING.matcher(line);
        if (match.find()) {
          found.complete(match.group(1));
        }
        last = line.isBlank() ? last : line;
      }
    } catch (IOException e) {
      last = String.valueOf(e.getMessage());
    }
    found.completeExceptionally(new IOException(last));
  }

  DevTools devTools() {
    return devTools;
  }

  @Override
  public void close() {
    devTools.close();
    kill(process);
    http.shutdownNow();
    delete(profile);
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().orTimeout(5, TimeUnit.SECONDS).exceptionally(_ -> process).join();
  }

  private static void delete(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
                throws IOException {
              Files.deleteIfExists(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted: {}", folder, e.getMessage());
    }
  }
}
