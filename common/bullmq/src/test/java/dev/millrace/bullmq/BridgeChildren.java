package dev.millrace.bullmq;

import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The operations of a backend that read what jobs wait for. */
final class BridgeChildren {
  private static final int PAGE = 20;

  private final BridgeBackend backend;

  BridgeChildren(BridgeBackend backend) {
    this.backend = backend;
  }

  Map<String, BridgeOperation> operations() {
    return Map.of(
        "getDependencyCounts", this::counts,
        "getDependencies", this::dependencies,
        "getProcessedChildrenValues", args -> map(args, ChildKind.PROCESSED),
        "getIgnoredChildrenFailures", args -> map(args, ChildKind.IGNORED),
        "paginate", this::paginate);
  }

  private CompletableFuture<JsonNode> map(BridgeArgs args, ChildKind kind) {
    return backend.command(c -> c.hgetall(key(args, kind))).thenApply(BridgeArgs::json);
  }

  private String key(BridgeArgs args, ChildKind kind) {
    return backend.keys.job(args.text(0)) + kind.suffix();
  }

  private static ChildKind kind(String name) {
    return switch (name) {
      case "processed" -> ChildKind.PROCESSED;
      case "unprocessed" -> ChildKind.UNPROCESSED;
      case "ignored" -> ChildKind.IGNORED;
      case "failed" -> ChildKind.FAILED;
      default -> throw new IllegalArgumentException("no kind of children: " + name);
    };
  }

  private CompletableFuture<JsonNode> counts(BridgeArgs args) {
    return backend
        .plainScript(Script.CHILD_COUNTS, List.of(backend.keys.job(args.text(0))))
        .thenApply(all -> {
          var order = List.of("processed", "unprocessed", "ignored", "failed");
          var wanted = new ArrayList<Object>();
          args.texts(1).forEach(name -> wanted.add(all.get(order.indexOf(name))));
          return BridgeArgs.json(wanted);
        });
  }

  private CompletableFuture<JsonNode> dependencies(BridgeArgs args) {
    var wanted = args.at(1);
    var kinds = List.of("processed", "unprocessed", "ignored", "failed");
    var asked = kinds.stream().filter(name -> BridgeArgs.flag(wanted.path(name))).toList();
    return backend.inSteps(() -> {
      var json = Json.object();
      for (var name : asked.isEmpty() ? kinds : asked) {
        var kind = kind(name);
        if (asked.isEmpty()) {
          json.set(name, all(args, kind));
        } else {
          addPage(json, name, key(args, kind), kind, wanted.path(name));
        }
      }
      return json;
    });
  }

  private JsonNode all(BridgeArgs args, ChildKind kind) {
    var commands = backend.scripts.commands();
    var key = key(args, kind);
    return switch (kind) {
      case PROCESSED, IGNORED ->
          values(commands.<Map<String, String>>call("children", c -> c.hgetall(key)), kind);
      case UNPROCESSED ->
          BridgeArgs.json(
              List.copyOf(commands.<java.util.Set<String>>call("children", c -> c.smembers(key))));
      case FAILED ->
          BridgeArgs.json(commands.<List<String>>call("children", c -> c.zrange(key, 0, -1)));
    };
  }

  private static JsonNode values(Map<String, String> map, ChildKind kind) {
    var json = Json.object();
    map.forEach((child, value) -> {
      if (kind == ChildKind.PROCESSED) {
        json.set(child, Json.tree(value));
      } else {
        json.put(child, value);
      }
    });
    return json;
  }

  private void addPage(ObjectNode json, String name, String key, ChildKind kind, JsonNode options) {
    var commands = backend.scripts.commands();
    var from = BridgeArgs.number(options.path("cursor"), 0);
    var count = BridgeArgs.number(options.path("count"), PAGE);
    var cursor = ScanCursor.of(Long.toString(from));
    var limit = ScanArgs.Builder.limit(count);
    var next = "next" + Character.toUpperCase(name.charAt(0)) + name.substring(1) + "Cursor";
    switch (kind) {
      case PROCESSED, IGNORED -> {
        var page = commands.call("children", c -> c.hscan(key, cursor, limit));
        json.set(name, values(page.getMap(), kind));
        json.put(next, Long.parseLong(page.getCursor()));
      }
      case UNPROCESSED -> {
        var page = commands.call("children", c -> c.sscan(key, cursor, limit));
        json.set(name, BridgeArgs.json(page.getValues()));
        json.put(next, Long.parseLong(page.getCursor()));
      }
      case FAILED -> {
        json.set(
            name,
            BridgeArgs.json(
                commands.<List<String>>call(
                    "children", c -> c.zrange(key, from, from + count - 1))));
        json.put(next, from + count);
      }
    }
  }

  private CompletableFuture<JsonNode> paginate(BridgeArgs args) {
    var range = args.at(1);
    return backend.inSteps(() ->
        new BridgePages(backend.scripts.commands())
            .page(
                args.text(0),
                BridgeArgs.number(range.path("start"), 0),
                BridgeArgs.number(range.path("end"), -1),
                BridgeArgs.flag(range.path("fetchJobs"))));
  }
}
