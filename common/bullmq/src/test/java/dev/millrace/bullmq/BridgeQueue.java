package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import tools.jackson.databind.JsonNode;

/** The operations of queues that add jobs, and those that begin or stop them. */
final class BridgeQueue {
  private static final JsonNode NOTHING = Json.tree("null");

  private BridgeQueue() {}

  static JsonNode call(Queue queue, String method, BridgeArgs args) {
    return switch (method) {
      case "add" ->
          BridgeOptions.show(
              queue.add(args.text(0), data(args.list().path(1)), BridgeOptions.job(args.at(2))));
      case "addBulk" -> addBulk(queue, args.at(0));
      case "pause" -> {
        queue.pause();
        yield NOTHING;
      }
      case "resume" -> {
        queue.resume();
        yield NOTHING;
      }
      case "isPaused" -> BridgeArgs.json(queue.isPaused());
      case "addJobLog" -> BridgeJob.call(queue, "log", args);
      case "updateJobProgress" -> BridgeJob.call(queue, "updateProgress", args);
      case "publishEvent" -> publish(queue, args);
      default ->
          BridgeAdmin.NAMES.contains(method)
              ? BridgeAdmin.call(queue, method, args)
              : BridgeGetters.call(queue, method, args);
    };
  }

  /** Returns data as Node stores it: what is not given is an empty object, null is null. */
  static String data(JsonNode json) {
    return json.isMissingNode() ? "{}" : Json.write(json);
  }

  private static JsonNode addBulk(Queue queue, JsonNode jobs) {
    var all = new ArrayList<NewJob>();
    for (var job : jobs) {
      all.add(
          new NewJob(
              BridgeArgs.text(job.path("name")),
              data(job.path("data")),
              BridgeOptions.job(job.path("opts"))));
    }
    var shown = Json.array();
    queue.addBulk(all).forEach(job -> shown.add(BridgeOptions.show(job)));
    return shown;
  }

  /** Takes the event's name and its fields, or all in one object, as Node does. */
  private static JsonNode publish(Queue queue, BridgeArgs args) {
    var named = args.at(0).isString();
    var fields = new LinkedHashMap<String, String>();
    for (var field : args.at(named ? 1 : 0).properties()) {
      fields.put(field.getKey(), BridgeArgs.text(field.getValue()));
    }
    var inFields = fields.remove("eventName");
    var name = named ? args.text(0) : String.valueOf(inFields);
    return BridgeArgs.json(queue.publishEvent(name, fields));
  }
}
