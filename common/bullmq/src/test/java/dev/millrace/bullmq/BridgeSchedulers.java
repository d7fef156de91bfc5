package dev.millrace.bullmq;

import java.util.LinkedHashMap;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The operations on job schedulers, metrics and lists of workers, as Node's API has them. */
final class BridgeSchedulers {
  private BridgeSchedulers() {}

  static JsonNode call(Queue queue, String method, BridgeArgs args) {
    var schedulers = queue.schedulers();
    return switch (method) {
      case "upsert", "upsertJobScheduler" -> upsert(schedulers, args);
      case "get", "getJobScheduler" ->
          schedulers
              .get(args.text(0))
              .<JsonNode>map(BridgeSchedulers::show)
              .orElse(Json.tree("null"));
      case "list", "getJobSchedulers" -> {
        var shown = Json.array();
        schedulers
            .list(args.number(0, 0), args.number(1, -1), args.flag(2))
            .forEach(scheduler -> shown.add(show(scheduler)));
        yield shown;
      }
      case "count", "getJobSchedulersCount" -> BridgeArgs.json(schedulers.count());
      case "remove", "removeJobScheduler" -> BridgeArgs.json(schedulers.remove(args.text(0)));
      case "metrics", "getMetrics" -> metrics(queue, args);
      case "prometheus", "exportPrometheusMetrics" -> prometheus(queue, args);
      case "workers", "getWorkers" -> {
        var names = Json.array();
        queue.workers().forEach(worker -> names.add(worker.name()));
        yield names;
      }
      case "getWorkersCount" -> BridgeArgs.json(queue.workers().size());
      default -> throw new IllegalArgumentException("unknown operation " + method);
    };
  }

  private static JsonNode prometheus(Queue queue, BridgeArgs args) {
    var labels = new LinkedHashMap<String, String>();
    args.at(0).properties().forEach(e -> labels.put(e.getKey(), BridgeArgs.text(e.getValue())));
    return BridgeArgs.json(queue.metrics().prometheus(labels));
  }

  private static JsonNode upsert(JobSchedulers schedulers, BridgeArgs args) {
    var id = args.text(0);
    var rule = args.at(1);
    var template = args.at(2);
    var repeat =
        new Repeat(
            number(rule, "every"),
            text(rule, "pattern"),
            text(rule, "tz"),
            number(rule, "limit"),
            number(rule, "startDate"),
            number(rule, "endDate"),
            number(rule, "offset"),
            BridgeArgs.flag(rule.path("immediately")));
    var job =
        new NewJob(
            template.path("name").asString(id),
            BridgeQueue.data(template.path("data")),
            BridgeOptions.job(template.path("opts")));
    return schedulers
        .upsert(id, repeat, job)
        .<JsonNode>map(BridgeOptions::show)
        .orElse(Json.tree("null"));
  }

  private static @Nullable Long number(JsonNode json, String name) {
    return json.hasNonNull(name) ? BridgeArgs.number(json.get(name), 0) : null;
  }

  private static @Nullable String text(JsonNode json, String name) {
    return json.hasNonNull(name) ? BridgeArgs.text(json.get(name)) : null;
  }

  private static JsonNode metrics(Queue queue, BridgeArgs args) {
    var type = QueueMetrics.Type.valueOf(args.text(0).toUpperCase(Locale.ROOT));
    var metrics = queue.metrics().finished(type, args.number(1, 0), args.number(2, -1));
    var json = Json.object();
    json.putObject("meta")
        .put("count", metrics.count())
        .put("prevTS", metrics.previousTime())
        .put("prevCount", metrics.previousCount());
    var data = json.putArray("data");
    metrics.points().forEach(data::add);
    return json.put("count", metrics.size());
  }

  /** Shows a scheduler as Node does: what is not set is not there. */
  private static ObjectNode show(JobScheduler scheduler) {
    var json =
        Json.object()
            .put("key", scheduler.id())
            .put("name", scheduler.name())
            .put("next", scheduler.next());
    BridgeGetters.put(json, "iterationCount", scheduler.iterationCount());
    BridgeGetters.put(json, "limit", scheduler.limit());
    BridgeGetters.put(json, "startDate", scheduler.startDate());
    BridgeGetters.put(json, "endDate", scheduler.endDate());
    if (scheduler.timeZone() != null) {
      json.put("tz", scheduler.timeZone());
    }
    if (scheduler.pattern() != null) {
      json.put("pattern", scheduler.pattern());
    }
    BridgeGetters.put(json, "every", scheduler.every());
    BridgeGetters.put(json, "offset", scheduler.offset());
    var options = JobOptionsJson.object(scheduler.options());
    var data = scheduler.data();
    if (data != null || !options.isEmpty()) {
      var template = json.putObject("template");
      if (data != null) {
        template.set("data", Json.tree(data));
      }
      if (!options.isEmpty()) {
        template.set("opts", options);
      }
    }
    return json;
  }
}
