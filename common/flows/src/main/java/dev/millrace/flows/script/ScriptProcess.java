package dev.millrace.flows.script;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.script.ScriptSandbox.Script;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * A process that runs scripts one after the other; messages are lines of JSON over its standard
 * streams. To it: {@code {run}}, {@code {fetched}}. From it: {@code {fetch}}, {@code {value}},
 * {@code {undefined}}, {@code {error}}.
 */
final class ScriptProcess {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Process process;
  private final BufferedReader from;
  private final OutputStream to;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile boolean idle = true;
  private volatile boolean killed;

  private ScriptProcess(Process process) {
    this.process = process;
    this.from = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    this.to = process.getOutputStream();
  }

  static ScriptProcess start(ScriptLimits limits, int megabytes, boolean network) {
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + megabytes + "m",
            "-Xss4m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            ScriptChild.class.getName(),
            Long.toString(limits.wall().toMillis()),
            Long.toString(limits.cpu().toMillis()),
            Long.toString(limits.statements()),
            Integer.toString(limits.stackFrames()),
            Integer.toString(limits.outputBytes()),
            Integer.toString(limits.resultChars()),
            Boolean.toString(network));
    var builder =
        new ProcessBuilder(command)
            .directory(Path.of(System.getProperty("java.io.tmpdir")).toFile())
            .redirectError(Redirect.DISCARD);
    builder.environment().clear();
    try {
      return new ScriptProcess(builder.start());
    } catch (IOException e) {
      throw new ScriptException("a process for scripts cannot be started: " + e.getMessage(), e);
    }
  }

  /** Tells whether it can take a script. */
  boolean isIdle() {
    return idle && process.isAlive();
  }

  /** Ends it at once, whatever it does. */
  void kill() {
    killed = true;
    process.destroyForcibly();
  }

  /**
   * Runs a script.
   *
   * @param limit after which the process is taken for stuck and killed
   * @throws ScriptException when the script threw, broke a limit, or its process died with it
   */
  JsonNode run(Script script, Duration limit, @Nullable HttpFetcher fetcher) {
    idle = false;
    var cancellation = new Cancellation();
    var watch =
        CompletableFuture.runAsync(
            this::kill, CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS));
    try {
      send(JSON.createObjectNode().set("run", ScriptWire.script(script)));
      while (true) {
        var line = from.readLine();
        if (line == null) {
          throw died(null);
        }
        var message = JSON.readTree(line);
        if (message.has("fetch")) {
          fetch(message, fetcher, cancellation);
          continue;
        }
        idle = true;
        return result(message);
      }
    } catch (IOException | UncheckedIOException | JacksonException e) {
      throw died(e);
    } finally {
      watch.cancel(false);
      cancellation.cancel("the script has ended");
    }
  }

  private static JsonNode result(JsonNode message) {
    if (message.has("error")) {
      throw new ScriptException(message.path("error").asString(""), null);
    }
    return message.has("value") ? message.get("value") : MissingNode.getInstance();
  }

  private ScriptException died(@Nullable Exception cause) {
    return new ScriptException(
        killed
            ? "the script was stopped with its process"
            : "the process of the script died: it ran out of memory, or was killed",
        cause);
  }

  private void fetch(JsonNode message, @Nullable HttpFetcher fetcher, Cancellation cancellation) {
    var id = message.path("id").asInt(0);
    Thread.ofVirtual()
        .name("script-fetch-", 0)
        .start(() -> {
          var answer = JSON.createObjectNode().put("fetched", id);
          try {
            if (fetcher == null) {
              throw new ScriptException("functions have no network here", null);
            }
            var request = ScriptWire.request(message.path("fetch"));
            answer.set("response", ScriptWire.response(fetcher.fetch(request, cancellation)));
          } catch (FlowException e) {
            answer.put("error", e.getMessage());
          } catch (RuntimeException e) {
            answer.put("error", "the request could not be sent: " + e);
          }
          try {
            send(answer);
          } catch (UncheckedIOException e) {
            // The process has gone meanwhile; whoever waits for its result hears of it.
            kill();
          }
        });
  }

  private void send(JsonNode message) {
    writing.lock();
    try {
      to.write((message + "\n").getBytes(UTF_8));
      to.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the process of a script does not listen", e);
    } finally {
      writing.unlock();
    }
  }
}
