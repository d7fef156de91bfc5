package dev.millrace.bullmq;

import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What administrators do to queues, with the names of Node's API. */
final class BridgeAdmin {
  private BridgeAdmin() {}

  static JsonNode call(Queue queue, String method, JsonNode args) {
    return switch (method) {
      case "getJobs" -> jobs(queue, args);
      case "clean" -> {
        var ids = Json.array();
        queue
            .maintenance()
            .clean(
                state(args.get(2)), Duration.ofMillis(args.get(0).asLong()), args.get(1).asLong())
            .forEach(ids::add);
        yield ids;
      }
      case "drain" -> number(queue.maintenance().drain(args.path(0).asBoolean(false)));
      case "retryJobs" -> number(queue.maintenance().retryJobs(state(args.get(0))));
      case "promoteJobs" -> number(queue.maintenance().promoteJobs());
      case "removeOrphanedJobs" -> number(queue.maintenance().removeOrphanedJobs(0));
      case "setGlobalConcurrency" -> {
        queue.settings().globalConcurrency(args.get(0).asInt());
        yield Json.object();
      }
      case "getIgnoredChildrenFailures" ->
          map(queue.getters().children(args.get(0).stringValue()).ignoredFailures());
      default -> {
        change(queue, method, args);
        yield Json.object();
      }
    };
  }

  private static void change(Queue queue, String method, JsonNode args) {
    var jobs = queue.jobs();
    var id = args.path(0).asString("");
    switch (method) {
      case "obliterate" -> queue.maintenance().obliterate(args.path(0).asBoolean(false));
      case "promote" -> jobs.promote(id);
      case "changeDelay" -> jobs.changeDelay(id, Duration.ofMillis(args.get(1).asLong()));
      case "changePriority" -> jobs.changePriority(id, args.get(1).asInt());
      case "updateData" -> jobs.updateData(id, Json.write(args.get(1)));
      case "retry" -> jobs.retry(id, state(args.get(1)), JobOperations.Reset.NOTHING);
      case "removeChildDependency" -> jobs.removeChildDependency(id);
      default -> throw new IllegalArgumentException("unknown operation queue." + method);
    }
  }

  private static JsonNode jobs(Queue queue, JsonNode args) {
    var shown = Json.array();
    queue
        .getters()
        .jobs(
            state(args.get(0)),
            args.path(1).asLong(0),
            args.path(2).asLong(-1),
            args.path(3).asBoolean(false))
        .forEach(job -> shown.add(BridgeOptions.show(job)));
    return shown;
  }

  private static JobState state(JsonNode name) {
    var text = name.stringValue();
    return JobState.ofWireName(text.equals("wait") ? "waiting" : text);
  }

  private static JsonNode number(long number) {
    return Json.tree(Long.toString(number));
  }

  private static JsonNode map(Map<String, String> map) {
    var json = Json.object();
    map.forEach(json::put);
    return json;
  }
}
