package dev.millrace.bullmq;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The operations on job schedulers, metrics and lists of workers, as Node's API has them. */
final class BridgeSchedulers {
  private BridgeSchedulers() {}

  static JsonNode call(Queue queue, String method, JsonNode args) {
    var schedulers = queue.schedulers();
    return switch (method) {
      case "upsert" -> upsert(schedulers, args);
      case "get" ->
          schedulers
              .get(args.get(0).stringValue())
              .<JsonNode>map(BridgeSchedulers::show)
              .orElse(Json.tree("null"));
      case "list" -> {
        var shown = Json.array();
        schedulers
            .list(args.path(0).asLong(0), args.path(1).asLong(-1), args.path(2).asBoolean(false))
            .forEach(scheduler -> shown.add(show(scheduler)));
        yield shown;
      }
      case "count" -> Json.tree(Long.toString(schedulers.count()));
      case "remove" -> Json.tree(Boolean.toString(schedulers.remove(args.get(0).stringValue())));
      case "metrics" -> metrics(queue, args);
      case "prometheus" -> {
        var labels = new LinkedHashMap<String, String>();
        args.path(0).properties().forEach(e -> labels.put(e.getKey(), e.getValue().asString()));
        yield Json.tree(Json.quote(queue.metrics().prometheus(labels)));
      }
      case "workers" -> {
        var names = Json.array();
        queue.workers().forEach(worker -> names.add(worker.name()));
        yield names;
      }
      default -> throw new IllegalArgumentException("unknown operation scheduler." + method);
    };
  }

  private static JsonNode upsert(JobSchedulers schedulers, JsonNode args) {
    var id = args.get(0).stringValue();
    var rule = args.get(1);
    var template = args.path(2);
    var repeat =
        new Repeat(
            number(rule, "every"),
            text(rule, "pattern"),
            text(rule, "tz"),
            number(rule, "limit"),
            number(rule, "startDate"),
            number(rule, "endDate"),
            number(rule, "offset"),
            rule.path("immediately").asBoolean(false));
    var job =
        new NewJob(
            template.path("name").asString(id),
            template.has("data") ? Json.write(template.get("data")) : "{}",
            BridgeOptions.job(template.path("opts")));
    return schedulers
        .upsert(id, repeat, job)
        .<JsonNode>map(BridgeOptions::show)
        .orElse(Json.tree("null"));
  }

  private static @Nullable Long number(JsonNode json, String name) {
    return json.hasNonNull(name) ? json.get(name).asLong() : null;
  }

  private static @Nullable String text(JsonNode json, String name) {
    return json.hasNonNull(name) ? json.get(name).stringValue() : null;
  }

  private static JsonNode metrics(Queue queue, JsonNode args) {
    var type =
        QueueMetrics.Type.valueOf(args.get(0).stringValue().toUpperCase(java.util.Locale.ROOT));
    var metrics = queue.metrics().finished(type);
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
    put(json, "iterationCount", scheduler.iterationCount());
    put(json, "limit", scheduler.limit());
    put(json, "startDate", scheduler.startDate());
    put(json, "endDate", scheduler.endDate());
    if (scheduler.timeZone() != null) {
      json.put("tz", scheduler.timeZone());
    }
    if (scheduler.pattern() != null) {
      json.put("pattern", scheduler.pattern());
    }
    put(json, "every", scheduler.every());
    put(json, "offset", scheduler.offset());
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

  private static void put(ObjectNode json, String name, @Nullable Long value) {
    if (value != null) {
      json.put(name, value);
    }
  }
}
