package dev.millrace.bullmq;

import dev.millrace.testing.RedisProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * A program that a foreign test drives: it reads requests as JSON lines on stdin and answers on
 * stdout, in any order. {@code bin/bullmq-bridge} starts it.
 *
 * <pre>
 * → {"id":1,"op":"backend.open","args":["q",{"connection":{"host":"127.0.0.1","port":6379}}]}
 * ← {"id":1,"ok":true,"result":"b1"}
 * → {"id":2,"op":"backend.promote","b":"b1","args":["7"]}
 * ← {"id":2,"ok":false,"error":{"code":-3,"message":"Job 7 is not in the delayed state. promote",…}}
 * ← {"ev":"worker.failed","h":"h2","args":["1","boom"]}
 * </pre>
 *
 * Backends ({@link BridgeBackend}) stand in for the Redis code of Node's classes; queues, flows,
 * events and workers ({@link BridgeObjects}) are those of this library.
 */
public final class Bridge {
  private final BridgeOutput out;
  private final BridgeRedis redis = new BridgeRedis();
  private final BridgeObjects objects;
  private final Map<String, BridgeBackend> backends = new ConcurrentHashMap<>();
  private final Map<String, BridgeClock> clocks = new ConcurrentHashMap<>();
  private final AtomicInteger handles = new AtomicInteger();
  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();

  private Bridge(BridgeOutput out) {
    this.out = out;
    objects = new BridgeObjects(out, redis, handles);
  }

  /** Serves requests until stdin ends. */
  public static void main(String[] args) throws IOException {
    var bridge =
        new Bridge(new BridgeOutput(new PrintStream(System.out, false, StandardCharsets.UTF_8)));
    // Whoever else prints must not get between the frames.
    System.setOut(System.err);
    bridge.out.ready();
    try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        bridge.serve(line);
      }
    }
    Runtime.getRuntime().exit(0);
  }

  private void serve(String line) {
    if (line.isBlank()) {
      return;
    }
    JsonNode request;
    try {
      request = Json.tree(line);
    } catch (BullMqException e) {
      out.error(Json.tree("null"), e);
      return;
    }
    var id = request.path("id");
    var reply = call(request);
    // Whoever reads the replies slowly must not keep Redis' own thread waiting.
    var _ =
        reply.whenCompleteAsync(
            (result, error) -> {
              if (error == null) {
                out.result(id, result);
              } else {
                out.error(id, error);
              }
            },
            background);
  }

  private CompletableFuture<JsonNode> call(JsonNode request) {
    var op = BridgeArgs.field(request, "op");
    var args = new BridgeArgs(request.path("args"));
    var backend = BridgeArgs.field(request, "b");
    var handle = BridgeArgs.field(request, "h");
    return switch (op) {
      case "backend.open" -> later(() -> openBackend(args));
      case "backend.forQueue" ->
          later(() -> open(backend(backend, handle).sibling(args, this::clock)));
      case "backend.close", "backend.disconnect" ->
          later(() -> closeBackend(backend.isEmpty() ? handle : backend));
      case "clock.offset" ->
          later(() -> {
            redis.clockOffset(args.number(0, 0));
            return Json.tree("null");
          });
      case "redis.start" -> later(() -> BridgeArgs.json(oldRedis().port()));
      case "exit" -> {
        if (BridgeArgs.flag(args.at(0).path("hard"))) {
          Runtime.getRuntime().halt(0);
        }
        Thread.ofPlatform().start(() -> Runtime.getRuntime().exit(0));
        yield CompletableFuture.completedFuture(Json.tree("null"));
      }
      default ->
          op.startsWith("backend.")
              ? call(backend, handle, op.substring("backend.".length()), args)
              : later(() -> objects.call(op, handle, args));
    };
  }

  private CompletableFuture<JsonNode> call(
      String backend, String handle, String method, BridgeArgs args) {
    try {
      return backend(backend, handle).call(method, args);
    } catch (IllegalArgumentException | RejectedExecutionException e) {
      // There is no such backend, or it is being closed.
      return CompletableFuture.failedFuture(e);
    }
  }

  /** What may fail with any exception. */
  private interface Work {
    JsonNode run() throws Exception;
  }

  private CompletableFuture<JsonNode> later(Work work) {
    var result = new CompletableFuture<JsonNode>();
    background.execute(() -> {
      try {
        result.complete(work.run());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        result.completeExceptionally(e);
      } catch (Exception e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  private JsonNode openBackend(BridgeArgs args) {
    var options = args.at(1);
    var keys = new Keys(options.path("prefix").asString("bull"), name(args.text(0)));
    return open(
        new BridgeBackend(
            redis.to(options.path("connection")),
            keys,
            BridgeBackendOptions.read(options),
            clock(keys)));
  }

  /** FlowProducers belong to no queue, and have siblings for those that their jobs are in. */
  private static String name(String given) {
    return given.isEmpty() ? "no-queue" : given;
  }

  private JsonNode open(BridgeBackend backend) {
    var id = "b" + handles.incrementAndGet();
    backends.put(id, backend);
    return BridgeArgs.json(id);
  }

  private BridgeClock clock(Keys keys) {
    return clocks.computeIfAbsent(keys.base(), _ -> new BridgeClock());
  }

  private JsonNode closeBackend(String id) {
    var closed = backends.remove(id);
    if (closed != null) {
      closed.close();
    }
    return Json.tree("null");
  }

  private BridgeBackend backend(String id, String handle) {
    var backend = backends.get(id.isEmpty() ? handle : id);
    if (backend == null) {
      // As with a connection that was closed.
      throw new IllegalArgumentException("Connection is closed.");
    }
    return backend;
  }

  /** Starts the oldest Redis that is supported; it ends with this program. */
  private static RedisProcess oldRedis() {
    var process = RedisProcess.startEmbedded();
    Runtime.getRuntime().addShutdownHook(new Thread(process::close));
    return process;
  }
}
