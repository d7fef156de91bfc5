package dev.millrace.bullmq;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/** The queues, flows, events and workers of this library that a test drives, by handle. */
final class BridgeObjects {
  private static final Duration READY_LIMIT = Duration.ofSeconds(10);

  private final BridgeOutput out;
  private final BridgeRedis redis;
  private final AtomicInteger handles;
  private final Map<String, Object> objects = new ConcurrentHashMap<>();

  BridgeObjects(BridgeOutput out, BridgeRedis redis, AtomicInteger handles) {
    this.out = out;
    this.redis = redis;
    this.handles = handles;
  }

  JsonNode call(String op, String handle, BridgeArgs args) throws Exception {
    return switch (op) {
      case "queue.open", "events.open", "flow.open", "worker.start" -> open(op, args);
      case "waitUntilFinished" -> waitUntilFinished((QueueEvents) object(handle), args);
      case "close", "queue.close", "events.close", "flow.close", "worker.close" ->
          close(handle, BridgeArgs.flag(args.at(0)));
      default -> method(op, handle, args);
    };
  }

  private JsonNode method(String op, String handle, BridgeArgs args) throws InterruptedException {
    var dot = op.indexOf('.') + 1;
    var method = op.substring(dot);
    return switch (op.substring(0, dot)) {
      case "queue." -> queue(handle).call(method, args);
      case "job." -> job(queue(handle), method, args);
      case "scheduler." -> BridgeSchedulers.call(queue(handle).queue(), method, args);
      case "flow." -> BridgeFlow.call((FlowProducer) object(handle), method, args);
      case "worker." ->
          object(handle) instanceof BridgeManual manual
              ? manual.call(method, args)
              : ((BridgeWorker) object(handle)).call(method, args);
      default -> throw new IllegalArgumentException("unknown operation " + op);
    };
  }

  private static JsonNode job(BridgeOpenQueue of, String method, BridgeArgs args) {
    return switch (method) {
      case "moveToCompleted", "moveToFailed" -> of.end(method, args);
      case "toJSON" -> of.toJson(args.text(0));
      case "getDependencies" -> BridgeDependencies.ofJob(of, args);
      default -> BridgeJob.call(of.queue(), method, args);
    };
  }

  private JsonNode open(String op, BridgeArgs args) throws InterruptedException {
    // A producer of flows belongs to no queue, so that its options may come first.
    var named = args.at(0).isString();
    var name = named ? args.text(0) : "";
    var options = args.at(named ? 1 : 0);
    var connections = redis.to(options.path("connection"));
    var handle = "h" + handles.incrementAndGet();
    var object =
        switch (op) {
          case "queue.open" -> BridgeOpenQueue.of(connections, name, options);
          case "flow.open" -> new FlowProducer(connections, BridgeOptions.queue(options));
          case "events.open" -> events(handle, connections, name, options);
          default -> worker(handle, connections, name, options, args.at(2));
        };
    objects.put(handle, object);
    return BridgeArgs.json(handle);
  }

  /** As in Node, a worker without a processor takes jobs only when it is told to. */
  private Object worker(
      String handle,
      RedisConnections connections,
      String name,
      JsonNode options,
      JsonNode processor) {
    return processor.isMissingNode()
        ? new BridgeManual(connections, name, options)
        : BridgeWorker.start(out, handle, connections, name, options, processor);
  }

  /** Opens events that can be waited for; those that the options name are sent to the driver. */
  private QueueEvents events(
      String handle, RedisConnections connections, String name, JsonNode options)
      throws InterruptedException {
    var events = QueueEvents.open(connections, name, BridgeOptions.prefix(options));
    if (!events.awaitReady(READY_LIMIT)) {
      throw new BullMqException("the events of " + name + " cannot be read");
    }
    if (BridgeArgs.flag(options.path("listen"))) {
      var _ =
          events.subscribe(event ->
              out.event(
                  "events." + event.name(),
                  handle,
                  BridgeArgs.json(event.fields()),
                  BridgeArgs.json(event.entryId())));
    }
    return events;
  }

  private static JsonNode waitUntilFinished(QueueEvents events, BridgeArgs args)
      throws InterruptedException, ExecutionException, TimeoutException {
    var id = args.text(0);
    var future = events.whenFinished(id);
    try {
      return switch (future.get(args.number(1, 10_000), TimeUnit.MILLISECONDS)) {
        case JobOutcome.Completed(var value) -> Json.tree(value);
        case JobOutcome.Failed(var reason) -> throw new BullMqException(reason);
        case JobOutcome.Gone() -> throw new BullMqException("Missing key for job " + id);
      };
    } finally {
      events.forget(id);
    }
  }

  private JsonNode close(String handle, boolean force) {
    switch (objects.remove(handle)) {
      case QueueEvents events -> events.close();
      case BridgeWorker worker -> worker.close(force);
      case BridgeManual manual -> manual.close();
      case BridgeOpenQueue queue -> queue.close();
      case null, default -> {
        // Flows have nothing to close.
      }
    }
    return Json.tree("null");
  }

  private BridgeOpenQueue queue(String handle) {
    return (BridgeOpenQueue) object(handle);
  }

  private Object object(String handle) {
    var object = objects.get(handle);
    if (object == null) {
      throw new IllegalArgumentException("no such handle: " + handle);
    }
    return object;
  }
}
