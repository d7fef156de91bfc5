package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import tools.jackson.databind.JsonNode;

/** The operations on queues. */
final class BridgeQueue {
  private BridgeQueue() {}

  static JsonNode call(Queue queue, String method, JsonNode args) {
    return switch (method) {
      case "add" -> BridgeOptions.show(add(queue, args));
      case "addBulk" -> addBulk(queue, args.get(0));
      case "getJob" ->
          queue
              .job(args.get(0).stringValue())
              .<JsonNode>map(BridgeOptions::show)
              .orElse(Json.tree("null"));
      case "getState" -> Json.tree(Json.quote(queue.state(args.get(0).stringValue()).wireName()));
      case "remove" -> Json.tree(queue.remove(args.get(0).stringValue()) ? "1" : "0");
      case "pause" -> {
        queue.pause();
        yield Json.object();
      }
      case "resume" -> {
        queue.resume();
        yield Json.object();
      }
      case "isPaused" -> Json.tree(Boolean.toString(queue.isPaused()));
      case "getJobCounts" -> counts(queue.counts());
      case "publishEvent" -> {
        var fields = new LinkedHashMap<String, String>();
        for (var field : args.get(1).properties()) {
          fields.put(field.getKey(), field.getValue().asString());
        }
        yield Json.tree(Json.quote(queue.publishEvent(args.get(0).stringValue(), fields)));
      }
      default -> BridgeAdmin.call(queue, method, args);
    };
  }

  private static Job add(Queue queue, JsonNode args) {
    return queue.add(
        args.get(0).stringValue(), Json.write(args.get(1)), BridgeOptions.job(args.path(2)));
  }

  private static JsonNode addBulk(Queue queue, JsonNode jobs) {
    var all = new ArrayList<NewJob>();
    for (var job : jobs) {
      all.add(
          new NewJob(
              job.get("name").stringValue(),
              Json.write(job.get("data")),
              BridgeOptions.job(job.path("opts"))));
    }
    var shown = Json.array();
    queue.addBulk(all).forEach(job -> shown.add(BridgeOptions.show(job)));
    return shown;
  }

  private static JsonNode counts(JobCounts counts) {
    return Json.object()
        .put("waiting", counts.waiting())
        .put("active", counts.active())
        .put("delayed", counts.delayed())
        .put("prioritized", counts.prioritized())
        .put("waiting-children", counts.waitingChildren())
        .put("completed", counts.completed())
        .put("failed", counts.failed());
  }
}
