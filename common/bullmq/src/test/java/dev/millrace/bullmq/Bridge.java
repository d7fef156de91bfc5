package dev.millrace.bullmq;

import dev.millrace.testing.RedisProcess;
import io.lettuce.core.RedisURI;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A program that a foreign test drives: it reads requests as JSON lines on stdin and answers on
 * stdout, in any order.
 *
 * <pre>
 * → {"id":1,"op":"queue.open","args":["q",{"connection":{"host":"127.0.0.1","port":6379}}]}
 * ← {"id":1,"ok":true,"result":"h1"}
 * → {"id":2,"op":"queue.add","h":"h1","args":["name",{"a":1},{"attempts":3}]}
 * ← {"id":2,"ok":true,"result":{"id":"1",…}}
 * ← {"ev":"worker.failed","h":"h2","args":["1","boom"]}
 * </pre>
 */
public final class Bridge {
  private final PrintStream out;
  private final ReentrantLock writing = new ReentrantLock();
  private final AtomicInteger handles = new AtomicInteger();
  private final Map<String, Object> objects = new ConcurrentHashMap<>();
  private final Map<String, RedisConnections> connections = new ConcurrentHashMap<>();

  private Bridge(PrintStream out) {
    this.out = out;
  }

  /** Serves requests until stdin ends. */
  public static void main(String[] args) throws IOException {
    var bridge = new Bridge(new PrintStream(System.out, false, StandardCharsets.UTF_8));
    // Whoever else prints must not get between the frames.
    System.setOut(System.err);
    bridge.write(Json.object().put("ready", true));
    try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        var request = Json.tree(line);
        Thread.ofVirtual().start(() -> bridge.serve(request));
      }
    }
    System.exit(0);
  }

  private void serve(JsonNode request) {
    var reply = Json.object();
    reply.set("id", request.get("id"));
    try {
      var result = call(request);
      reply.put("ok", true);
      reply.set("result", result);
    } catch (Exception e) {
      var error = reply.put("ok", false).putObject("error");
      if (e instanceof JobOperationException refusal) {
        error.put("code", refusal.code());
      }
      error.put("message", Failure.reason(e)).put("name", e.getClass().getSimpleName());
    }
    write(reply);
  }

  /** Tells the driver of something it did not ask for. */
  void event(String name, String handle, String... args) {
    var event = Json.object().put("ev", name).put("h", handle);
    var list = event.putArray("args");
    for (var arg : args) {
      list.add(arg);
    }
    write(event);
  }

  private void write(ObjectNode frame) {
    writing.lock();
    try {
      out.println(Json.write(frame));
      out.flush();
    } finally {
      writing.unlock();
    }
  }

  private @Nullable JsonNode call(JsonNode request) throws Exception {
    var op = request.get("op").stringValue();
    var args = request.get("args");
    var handle = request.hasNonNull("h") ? request.get("h").stringValue() : "";
    return switch (op) {
      case "queue.open", "events.open", "flow.open", "worker.start", "backend.open" ->
          open(op, args);
      case "redis.start" -> Json.tree(Integer.toString(oldRedis().port()));
      case "waitUntilFinished" -> waitUntilFinished((QueueEvents) object(handle), args);
      case "close" -> close(handle);
      case "exit" -> {
        Runtime.getRuntime().halt(0);
        yield Json.object();
      }
      default -> {
        if (op.startsWith("queue.")) {
          yield BridgeQueue.call((Queue) object(handle), op.substring(6), args);
        }
        if (op.startsWith("scheduler.")) {
          yield BridgeSchedulers.call((Queue) object(handle), op.substring(10), args);
        }
        if (op.startsWith("flow.")) {
          yield BridgeFlow.call((FlowProducer) object(handle), op.substring(5), args);
        }
        if (op.startsWith("worker.")) {
          yield ((BridgeWorker) object(handle)).call(op.substring(7), args);
        }
        if (op.startsWith("backend.")) {
          yield ((BridgeBackend) object(handle)).call(op.substring(8), args);
        }
        throw new IllegalArgumentException("unknown operation " + op);
      }
    };
  }

  private JsonNode open(String op, JsonNode args) throws InterruptedException {
    var name = args.get(0).stringValue();
    var options = args.get(1);
    var handle = "h" + handles.incrementAndGet();
    var redis = connections(options.get("connection"));
    switch (op) {
      case "queue.open" ->
          objects.put(handle, new Queue(redis, name, BridgeOptions.queue(options)));
      case "flow.open" ->
          objects.put(handle, new FlowProducer(redis, BridgeOptions.queue(options)));
      case "events.open" -> {
        var events = QueueEvents.open(redis, name, BridgeOptions.prefix(options));
        if (!events.awaitReady(Duration.ofSeconds(10))) {
          throw new BullMqException("the events of " + name + " cannot be read");
        }
        objects.put(handle, events);
      }
      case "backend.open" -> objects.put(handle, new BridgeBackend(redis, name, options));
      default ->
          objects.put(handle, BridgeWorker.start(this, handle, redis, name, options, args.get(2)));
    }
    return Json.tree(Json.quote(handle));
  }

  /** Starts the oldest Redis that is supported; it ends with this program. */
  private static RedisProcess oldRedis() {
    var process = RedisProcess.startEmbedded();
    Runtime.getRuntime().addShutdownHook(new Thread(process::close));
    return process;
  }

  private RedisConnections connections(JsonNode where) {
    var uri =
        "redis://%s:%d/%d"
            .formatted(
                where.path("host").asString("127.0.0.1"),
                where.path("port").asInt(6379),
                where.path("db").asInt(0));
    return connections.computeIfAbsent(uri, u -> RedisConnections.connect(RedisURI.create(u)));
  }

  private static JsonNode waitUntilFinished(QueueEvents events, JsonNode args)
      throws InterruptedException, ExecutionException, TimeoutException {
    var id = args.get(0).stringValue();
    var limit = args.has(1) ? args.get(1).asLong() : 10_000;
    var future = events.whenFinished(id);
    try {
      return switch (future.get(limit, TimeUnit.MILLISECONDS)) {
        case JobOutcome.Completed(var value) -> Json.tree(value);
        case JobOutcome.Failed(var reason) -> throw new BullMqException(reason);
        case JobOutcome.Gone() -> throw new BullMqException("Missing key for job " + id);
      };
    } finally {
      events.forget(id);
    }
  }

  private JsonNode close(String handle) {
    switch (objects.remove(handle)) {
      case QueueEvents events -> events.close();
      case BridgeWorker worker -> worker.close();
      case null, default -> {
        // A queue has nothing to close.
      }
    }
    return Json.object();
  }

  private Object object(String handle) {
    var object = objects.get(handle);
    if (object == null) {
      throw new IllegalArgumentException("no such handle: " + handle);
    }
    return object;
  }
}
