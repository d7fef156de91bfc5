package dev.millrace.flows.script;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.net.FetchException;
import dev.millrace.flows.net.HttpFetcher;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The program of a {@link ScriptProcess}: runs what it is sent until nobody sends any more. */
public final class ScriptChild {
  private final JsonMapper json = JsonMapper.shared();
  private final Map<Integer, CompletableFuture<JsonNode>> fetches = new ConcurrentHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final ReentrantLock writing = new ReentrantLock();
  private final PrintStream out;
  private final Duration patience;

  /**
   * @param patience for what is fetched: no script lasts longer
   */
  private ScriptChild(PrintStream out, Duration patience) {
    this.out = out;
    this.patience = patience;
  }

  /**
   * Runs scripts.
   *
   * @param args the limits in the order of {@link ScriptLimits}, and whether there is a network
   */
  public static void main(String[] args) throws IOException {
    var wall = Duration.ofMillis(Long.parseLong(args[0]));
    var child = new ScriptChild(new PrintStream(System.out, false, UTF_8), wall);
    // What anything else prints must not get between the messages.
    System.setOut(System.err);
    var limits =
        new ScriptLimits(
            wall,
            Duration.ofMillis(Long.parseLong(args[1])),
            Long.parseLong(args[2]),
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            Integer.parseInt(args[5]),
            1);
    HttpFetcher fetcher = Boolean.parseBoolean(args[6]) ? child::fetch : null;
    try (var sandbox = new GraalSandbox(limits, fetcher)) {
      child.serve(sandbox);
    }
    System.exit(0);
  }

  private void serve(GraalSandbox sandbox) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (var line = in.readLine(); line != null; line = in.readLine()) {
      var message = json.readTree(line);
      if (message.has("run")) {
        Thread.ofPlatform().name("script").start(() -> run(sandbox, message.path("run")));
      } else {
        var waiting = fetches.remove(message.path("fetched").asInt(-1));
        if (waiting != null) {
          waiting.complete(message);
        }
      }
    }
  }

  private void run(GraalSandbox sandbox, JsonNode script) {
    var answer = json.createObjectNode();
    try {
      var result = sandbox.run(ScriptWire.script(script), Cancellation.none());
      if (result.isMissingNode()) {
        answer.put("undefined", true);
      } else {
        answer.set("value", result);
      }
    } catch (FlowException e) {
      answer.put("error", e.getMessage());
    }
    send(answer);
  }

  private HttpFetcher.Response fetch(HttpFetcher.Request request, Cancellation cancellation) {
    var id = numbers.incrementAndGet();
    var answer = new CompletableFuture<JsonNode>();
    fetches.put(id, answer);
    var message = json.createObjectNode().put("id", id);
    message.set("fetch", ScriptWire.request(request));
    send(message);
    try (var _ = cancellation.onCancel(() -> answer.cancel(false))) {
      var told = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (told.has("error")) {
        throw new FetchException(told.path("error").asString(""), null);
      }
      return ScriptWire.response(told.path("response"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FetchException("the request was interrupted", e);
    } catch (ExecutionException | TimeoutException | CancellationException e) {
      throw new FetchException("the request did not end: " + e.getMessage(), e);
    } finally {
      fetches.remove(id);
    }
  }

  private void send(ObjectNode message) {
    writing.lock();
    try {
      out.println(message);
      out.flush();
    } finally {
      writing.unlock();
    }
  }
}
