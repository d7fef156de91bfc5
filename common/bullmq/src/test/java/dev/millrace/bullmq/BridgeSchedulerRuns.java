package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The operations of a backend on job schedulers. */
final class BridgeSchedulerRuns {
  private final BridgeBackend backend;

  BridgeSchedulerRuns(BridgeBackend backend) {
    this.backend = backend;
  }

  Map<String, BridgeOperation> operations() {
    return Map.of(
        "addJobScheduler", this::add,
        "updateJobSchedulerNextMillis", this::advance,
        "removeJobScheduler", this::remove,
        "isJobScheduler", this::isScheduler,
        "getJobSchedulerData", this::data,
        "getJobScheduler", this::get,
        "getJobSchedulersRange", this::range,
        "getJobSchedulersCount", this::count);
  }

  private CompletableFuture<JsonNode> add(BridgeArgs args) {
    var scheduler = args.text(0);
    var rule = args.at(4);
    var now = time(args.at(5));
    var every = BridgeArgs.field(rule, "every");
    var arguments = new ArrayList<String>();
    addRun(arguments, scheduler, every.isEmpty() ? args.text(1) : "", args.at(5));
    var data = args.text(2, "{}");
    var template = BridgeJobJson.stored(args.at(3));
    arguments.add(BridgeArgs.field(rule, "name"));
    arguments.add(data.equals("{}") ? "" : data);
    arguments.add(template.isEmpty() ? "" : Json.write(template));
    arguments.add(every);
    arguments.add(BridgeArgs.field(rule, "offset"));
    arguments.add(BridgeArgs.field(rule, "startDate"));
    for (var name : List.of("tz", "pattern", "limit", "startDate", "endDate", "every")) {
      var value = BridgeArgs.field(rule, name);
      if (!value.isEmpty()) {
        arguments.add(name);
        arguments.add(value);
      }
    }
    return backend
        .scriptAt(now, Script.SCHEDULE, arguments)
        .thenApply(reply -> {
          if (reply.getFirst() instanceof Long code) {
            throw JobOperationException.of(code.intValue(), scheduler, "addJobScheduler", null);
          }
          return Json.array()
              .add(String.valueOf(reply.getFirst()))
              .add(Long.parseLong(String.valueOf(reply.get(1))));
        });
  }

  private CompletableFuture<JsonNode> advance(BridgeArgs args) {
    var options = args.at(3);
    var now = time(options);
    var repeat = options.path("repeat");
    var every = BridgeArgs.field(repeat, "every");
    var arguments = new ArrayList<String>();
    addRun(arguments, args.text(0), every.isEmpty() ? args.text(1) : "", options);
    arguments.add(args.text(4, ""));
    // Of no meaning to schedulers, which have both; only to what version 5 left behind.
    arguments.add(args.text(0));
    arguments.add(args.text(2, "{}"));
    arguments.add(every);
    arguments.add(BridgeArgs.field(repeat, "offset"));
    arguments.add(BridgeArgs.field(repeat, "startDate"));
    return backend
        .scriptAt(now, Script.ADVANCE, arguments)
        .thenApply(
            reply -> BridgeArgs.json(reply.isEmpty() ? null : String.valueOf(reply.getFirst())));
  }

  /** The options of a run say when Node made them. */
  private long time(JsonNode runOptions) {
    var time = BridgeArgs.number(runOptions.path("timestamp"), 0);
    if (time > 0) {
      backend.clock.saw(time);
    }
    return time > 0 ? time : backend.clock.now();
  }

  /** Adds the arguments that {@code runs.lua} reads. */
  private static void addRun(
      List<String> arguments, String scheduler, String time, JsonNode options) {
    var stored = BridgeJobJson.stored(options);
    var repeat = (ObjectNode) without(stored.path("repeat"), "immediately");
    for (var computed : List.of("jobId", "delay", "prevMillis", "repeat")) {
      stored.remove(computed);
    }
    var beginning = Json.write(stored);
    arguments.add(scheduler);
    arguments.add(time);
    arguments.add(beginning.substring(0, beginning.length() - 1));
    arguments.add(Json.write(repeat));
    arguments.add(Long.toString(BridgeArgs.number(options.path("priority"), 0)));
    arguments.add(BridgeArgs.flag(options.path("lifo")) ? "1" : "");
    arguments.add(BridgeArgs.field(options.path("deduplication"), "id"));
  }

  private static JsonNode without(JsonNode object, String name) {
    var copy = Json.object();
    for (var field : object.properties()) {
      if (!field.getKey().equals(name) && !field.getValue().isNull()) {
        copy.set(field.getKey(), field.getValue());
      }
    }
    return copy;
  }

  private CompletableFuture<JsonNode> remove(BridgeArgs args) {
    return backend
        .script(Script.UNSCHEDULE, args.text(0))
        .thenApply(reply -> BridgeArgs.json(reply.getFirst().equals(1L) ? 0 : 1));
  }

  private CompletableFuture<JsonNode> isScheduler(BridgeArgs args) {
    return backend.command(c -> c.hexists(hash(args), "ic")).thenApply(BridgeArgs::json);
  }

  private CompletableFuture<JsonNode> data(BridgeArgs args) {
    return backend.command(c -> c.hgetall(hash(args))).thenApply(BridgeArgs::json);
  }

  private String hash(BridgeArgs args) {
    return backend.keys.key("repeat:" + args.text(0));
  }

  private CompletableFuture<JsonNode> get(BridgeArgs args) {
    return backend
        .plainScript(Script.SCHEDULERS, List.of(backend.keys.base(), "one", args.text(0)))
        .thenApply(found -> {
          if (found.isEmpty()) {
            return Json.array().addNull().addNull();
          }
          var entry = (List<?>) found.getFirst();
          return Json.array()
              .add(BridgeArgs.json((List<?>) entry.get(2)))
              .add(String.valueOf(entry.get(1)));
        });
  }

  private CompletableFuture<JsonNode> range(BridgeArgs args) {
    var key = backend.keys.key("repeat");
    var from = args.number(0, 0);
    var to = args.number(1, -1);
    return backend
        .command(c ->
            args.flag(2) ? c.zrangeWithScores(key, from, to) : c.zrevrangeWithScores(key, from, to))
        .thenApply(entries -> {
          var flat = Json.array();
          for (var entry : entries) {
            flat.add(entry.getValue()).add(Long.toString((long) entry.getScore()));
          }
          return flat;
        });
  }

  private CompletableFuture<JsonNode> count(BridgeArgs args) {
    return backend.command(c -> c.zcard(backend.keys.key("repeat"))).thenApply(BridgeArgs::json);
  }
}
