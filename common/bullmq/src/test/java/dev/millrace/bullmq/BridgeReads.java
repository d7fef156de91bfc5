package dev.millrace.bullmq;

import io.lettuce.core.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** The operations of a backend that read jobs, their states, and how many there are. */
final class BridgeReads {
  private final BridgeBackend backend;
  private final Keys keys;

  BridgeReads(BridgeBackend backend) {
    this.backend = backend;
    keys = backend.keys;
  }

  Map<String, BridgeOperation> operations() {
    return Map.ofEntries(
        Map.entry("getState", this::state),
        Map.entry("isFinished", this::isFinished),
        Map.entry("isMaxed", this::isMaxed),
        Map.entry("isJobInState", this::isInState),
        Map.entry("getJobData", this::job),
        Map.entry("getJobLogs", this::logs),
        Map.entry("getRateLimitTtl", this::rateLimitTtl),
        Map.entry("getCounts", this::counts),
        Map.entry("getCountsPerPriority", this::countsPerPriority),
        Map.entry("getRanges", this::ranges),
        Map.entry("getMetrics", this::metrics),
        Map.entry("getDeduplicationJobId", this::deduplicationJobId),
        Map.entry("getClientList", this::clientList));
  }

  /** Returns how the name of the key ends that holds the jobs of a state. */
  static String suffix(String type) {
    return type.equals("waiting") ? "wait" : type;
  }

  private CompletableFuture<JsonNode> state(BridgeArgs args) {
    return backend
        .plainScript(Script.STATE, List.of(keys.base(), args.text(0)))
        .thenApply(reply -> BridgeArgs.json(String.valueOf(reply.getFirst())));
  }

  private CompletableFuture<JsonNode> isFinished(BridgeArgs args) {
    var key = keys.job(args.text(0));
    return backend
        .plainScript(Script.OUTCOMES, List.of(keys.base(), "0", args.text(0)))
        .thenApply(replies -> {
          var reply = new ArrayList<Object>((List<?>) replies.getFirst());
          if (!args.flag(1)) {
            return BridgeArgs.json((Long) reply.getFirst());
          }
          if (reply.getFirst().equals(-1L)) {
            reply.add("Missing key for job " + key + ". isFinished");
          }
          return BridgeArgs.json(reply);
        });
  }

  private CompletableFuture<JsonNode> isMaxed(BridgeArgs args) {
    return backend.inSteps(() -> BridgeArgs.json(new QueueGetters(backend.scripts).isMaxed()));
  }

  private CompletableFuture<JsonNode> isInState(BridgeArgs args) {
    var id = args.text(1);
    return switch (suffix(args.text(0))) {
      case "wait" ->
          isInList("wait", id)
              .thenCombine(isInList("paused", id), (waits, paused) -> waits || paused)
              .thenApply(BridgeArgs::json);
      case "active", "paused" -> isInList(args.text(0), id).thenApply(BridgeArgs::json);
      case "prioritized", "completed", "failed", "delayed", "waiting-children" ->
          backend
              .command(c -> c.zscore(keys.key(args.text(0)), id))
              .thenApply(score -> BridgeArgs.json(score != null));
      default -> throw new IllegalArgumentException("Unknown job state: " + args.text(0));
    };
  }

  private CompletableFuture<Boolean> isInList(String suffix, String id) {
    return backend.command(c -> c.lpos(keys.key(suffix), id)).thenApply(place -> place != null);
  }

  private CompletableFuture<JsonNode> job(BridgeArgs args) {
    var id = args.text(0);
    return backend
        .command(c -> c.hgetall(keys.job(id)))
        .thenApply(hash -> hash.isEmpty() ? Json.tree("null") : BridgeJobJson.ofHash(id, hash));
  }

  private CompletableFuture<JsonNode> logs(BridgeArgs args) {
    var key = keys.job(args.text(0)) + ":logs";
    var from = args.number(1, 0);
    var to = args.number(2, -1);
    var ascending = !args.has(3) || args.flag(3);
    var rows =
        backend.command(
            c -> ascending ? c.lrange(key, from, to) : c.lrange(key, -(to + 1), -(from + 1)));
    return rows.thenCombine(
        backend.command(c -> c.llen(key)),
        (found, count) -> {
          var json = Json.object().put("count", count);
          json.set("logs", BridgeArgs.json(ascending ? found : found.reversed()));
          return json;
        });
  }

  /** As Node does, tells what Redis says of the key if neither side has a limit: -2, -1. */
  private CompletableFuture<JsonNode> rateLimitTtl(BridgeArgs args) {
    var settings = new QueueSettings(backend.scripts);
    var given = args.number(0, 0);
    return backend.inSteps(() -> {
      var max = given > 0 ? Long.valueOf(given) : settings.meta().max();
      return BridgeArgs.json(
          max == null
              ? backend.scripts.commands().<Long>call("ttl", c -> c.pttl(keys.key("limiter")))
              : settings.rateLimitTtl(max).toMillis());
    });
  }

  private CompletableFuture<JsonNode> counts(BridgeArgs args) {
    var delayedBefore = args.has(1) ? args.number(1, 0) : null;
    return all(
        args.texts(0),
        type -> {
          var key = keys.key(suffix(type));
          if (type.equals("delayed") && delayedBefore != null) {
            var below = Range.from(Range.Boundary.unbounded(), earlier(delayedBefore));
            return backend.command(c -> c.zcount(key, below));
          }
          return StateKeys.isList(suffix(type))
              ? backend.command(c -> c.llen(key))
              : backend.command(c -> c.zcard(key));
        });
  }

  private static Range.Boundary<Double> earlier(long time) {
    return Range.Boundary.excluding(time * 4096.0);
  }

  private CompletableFuture<JsonNode> countsPerPriority(BridgeArgs args) {
    return all(
        args.texts(0),
        text -> {
          var priority = Integer.parseInt(text);
          return priority == 0
              ? backend.command(c -> c.llen(keys.key("wait")))
              : backend.command(c -> c.zcount(keys.key("prioritized"), StateKeys.scores(priority)));
        });
  }

  private CompletableFuture<JsonNode> ranges(BridgeArgs args) {
    var getters = new QueueGetters(backend.scripts);
    var from = args.number(1, 0);
    var to = args.number(2, 1);
    return backend.inSteps(() -> {
      var ranges = Json.array();
      for (var type : args.texts(0)) {
        var ids = getters.ids(suffix(type), from, to, args.flag(3));
        // Node reads lists from the other end itself.
        var turned = args.flag(3) && StateKeys.isList(suffix(type));
        ranges.add(BridgeArgs.json(turned ? ids.reversed() : ids));
      }
      return ranges;
    });
  }

  private CompletableFuture<JsonNode> metrics(BridgeArgs args) {
    return backend
        .plainScript(
            Script.POINTS,
            List.of(keys.key("metrics:" + args.text(0)), args.text(1, "0"), args.text(2, "-1")))
        .thenApply(reply -> {
          var json = Json.array();
          json.add(BridgeArgs.json(reply.subList(0, 3)));
          json.add(BridgeArgs.json((List<?>) reply.get(4)));
          return json.add((Long) reply.get(3));
        });
  }

  private CompletableFuture<JsonNode> deduplicationJobId(BridgeArgs args) {
    return backend.command(c -> c.get(keys.key("de:" + args.text(0)))).thenApply(BridgeArgs::json);
  }

  private CompletableFuture<JsonNode> clientList(BridgeArgs args) {
    return backend.command(c -> c.clientList()).thenApply(list -> Json.array().add(list));
  }

  private static CompletableFuture<JsonNode> all(
      List<String> items, Function<String, CompletableFuture<Long>> ask) {
    var asked = items.stream().map(ask).toList();
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .thenApply(_ -> BridgeArgs.json(asked.stream().map(CompletableFuture::join).toList()));
  }
}
