package dev.millrace.bullmq;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A queue that a test opened, with what some operations of Node's queues and jobs need besides.
 *
 * @param worker ends attempts that the test, or a worker of Node, began
 */
record BridgeOpenQueue(Queue queue, Commands commands, BridgeManual worker) {
  static BridgeOpenQueue of(RedisConnections connections, String name, JsonNode options) {
    var queue = new Queue(connections, name, BridgeOptions.queue(options));
    return new BridgeOpenQueue(
        queue,
        new Commands(connections, queue.keys()),
        new BridgeManual(connections, name, options));
  }

  JsonNode call(String method, BridgeArgs args) {
    return switch (method) {
      case "getDependencies" -> BridgeDependencies.page(this, args);
      case "getQueueEvents" -> BridgeDependencies.eventReaders(this);
      default -> BridgeQueue.call(queue, method, args);
    };
  }

  /** Ends an attempt: id, return value or error's message, token, whether to take the next job. */
  JsonNode end(String method, BridgeArgs args) {
    var id = args.text(0);
    var job =
        queue.job(id).orElseThrow(() -> JobOperationException.of(-1, id, "moveToFinished", null));
    var token = args.text(2, "0");
    return method.equals("moveToCompleted")
        ? worker.complete(job, token, Json.write(args.list().path(1)), args.flag(3))
        : worker.fail(job, token, message(args.at(1)), args.flag(3));
  }

  /** Errors come as they are, or as what they say. */
  private static String message(JsonNode error) {
    return error.isObject() ? BridgeArgs.field(error, "message") : BridgeArgs.text(error);
  }

  /** Shows a job as Node's jobs show themselves: what was never set is not there. */
  JsonNode toJson(String id) {
    return queue.job(id).<JsonNode>map(this::show).orElse(Json.tree("null"));
  }

  private ObjectNode show(Job job) {
    var json = BridgeOptions.show(job);
    json.set("opts", BridgeJobJson.shown(JobOptionsJson.write(job.options())));
    json.put("queueQualifiedName", queue.keys().qualifiedName());
    json.put("queueName", queue.name());
    json.put("prefix", queue.keys().prefix());
    put(json, "deferredFailure", job.deferredFailure());
    json.properties().removeIf(field -> field.getValue().isNull() && !isResult(field.getKey()));
    return json;
  }

  private static boolean isResult(String name) {
    return name.equals("data") || name.equals("returnvalue");
  }

  private static void put(ObjectNode json, String name, @Nullable String value) {
    if (value != null) {
      json.put(name, value);
    }
  }

  void close() {
    worker.close();
  }
}
