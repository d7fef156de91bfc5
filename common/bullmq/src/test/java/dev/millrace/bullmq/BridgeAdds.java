package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The operations of a backend that add jobs. */
final class BridgeAdds {
  /** The queue's settings stay as they are: Node's Queue writes them by itself. */
  private static final String AS_IT_IS = "";

  private final BridgeBackend backend;

  BridgeAdds(BridgeBackend backend) {
    this.backend = backend;
  }

  Map<String, BridgeOperation> operations() {
    return Map.of("addJob", this::addJob, "addJobs", this::addJobs, "addFlow", this::addFlow);
  }

  private CompletableFuture<JsonNode> addJob(BridgeArgs args) {
    var parentKey = BridgeArgs.field(args.at(2), "parentKey");
    return add(List.of(job(args.at(0), args.at(1), args.at(2))))
        .thenApply(replies -> {
          if (replies.getFirst() instanceof Long code) {
            throw JobOperationException.of(code.intValue(), parentKey, "addJob", null);
          }
          return BridgeArgs.json(String.valueOf(replies.getFirst()));
        });
  }

  private CompletableFuture<JsonNode> addJobs(BridgeArgs args) {
    var entries = args.at(0);
    if (entries.isEmpty()) {
      return CompletableFuture.completedFuture(Json.array());
    }
    var jobs = new ArrayList<List<String>>();
    for (var entry : entries) {
      jobs.add(job(entry.path("job"), entry.path("jobId"), entry.path("parentKeyOpts")));
    }
    return add(jobs).thenApply(replies -> idsOrErrors(replies, entries));
  }

  private CompletableFuture<List<Object>> add(List<List<String>> jobs) {
    var arguments = new ArrayList<String>();
    arguments.add(backend.options.maxLenEvents());
    arguments.add(AS_IT_IS);
    jobs.forEach(arguments::addAll);
    return backend.scriptAt(backend.clock.now(), Script.ADD, arguments);
  }

  /** Returns what {@code add.lua} is told of a job. */
  private List<String> job(JsonNode json, JsonNode id, JsonNode parentOptions) {
    seeTime(json);
    var values = new ArrayList<String>();
    values.add(id.isMissingNode() || id.isNull() ? "" : BridgeArgs.text(id));
    values.addAll(described(json, parentOptions));
    values.add(BridgeArgs.field(json, "repeatJobKey"));
    values.add(deduplication(json.path("opts")));
    return values;
  }

  /** Returns what both scripts want: from the name to whether the job waits for children. */
  private static List<String> described(JsonNode json, JsonNode parentOptions) {
    var options = json.path("opts");
    var parent = json.path("parent");
    return List.of(
        BridgeArgs.field(json, "name"),
        json.path("data").asString("{}"),
        Json.write(BridgeJobJson.stored(options)),
        BridgeArgs.field(json, "timestamp"),
        Long.toString(Math.max(0, BridgeArgs.number(options.path("delay"), 0))),
        Long.toString(BridgeArgs.number(options.path("priority"), 0)),
        BridgeArgs.flag(options.path("lifo")) ? "1" : "",
        BridgeArgs.field(json, "parentKey"),
        parent.isObject() ? Json.write(parent) : "",
        BridgeArgs.flag(parentOptions.path("addToWaitingChildren")) ? "parent" : "");
  }

  private static String deduplication(JsonNode options) {
    var deduplication = options.path("deduplication");
    return deduplication.isObject() ? Json.write(deduplication) : "";
  }

  /** Jobs tell the time of their client, unless the time was given to them. */
  private void seeTime(JsonNode json) {
    var time = BridgeArgs.number(json.path("timestamp"), 0);
    if (time > 0 && !BridgeArgs.flag(json.path("opts").path("timestamp"))) {
      backend.clock.saw(time);
    }
  }

  /**
   * Adds trees of jobs; the entries of all are in one list, each job after its parent. A tree that
   * is refused is not there at all, and its first entry says why.
   */
  private CompletableFuture<JsonNode> addFlow(BridgeArgs args) {
    var entries = args.at(0);
    if (entries.isEmpty()) {
      return CompletableFuture.completedFuture(Json.array());
    }
    entries.forEach(entry -> seeTime(entry.path("jobData")));
    var trees = BridgeTrees.of(entries);
    var arguments = new ArrayList<String>();
    for (var tree : trees) {
      arguments.add(Integer.toString(tree.size()));
      for (var place : tree) {
        arguments.addAll(node(entries.get(place)));
      }
    }
    return backend
        .scriptAt(backend.clock.now(), Script.FLOW, arguments)
        .thenApply(replies -> BridgeTrees.inOrder(trees, replies, entries.size()))
        .thenApply(replies -> idsOrErrors(replies, entries));
  }

  private static List<String> node(JsonNode entry) {
    var json = entry.path("jobData");
    var keys =
        new Keys(entry.path("prefix").asString("bull"), entry.path("queueName").asString(""));
    var values = new ArrayList<String>();
    values.add(keys.base());
    values.add(BridgeArgs.text(entry.path("jobId")));
    values.addAll(described(json, entry.path("parentKeyOpts")));
    values.add(deduplication(json.path("opts")));
    return values;
  }

  private static JsonNode idsOrErrors(List<?> replies, JsonNode entries) {
    var results = Json.array();
    for (var i = 0; i < replies.size(); i++) {
      if (replies.get(i) instanceof Long code) {
        var parentKey = BridgeArgs.field(entries.get(i).path("parentKeyOpts"), "parentKey");
        results.add(error(JobOperationException.of(code.intValue(), parentKey, "addJob", null)));
      } else {
        results.add(String.valueOf(replies.get(i)));
      }
    }
    return results;
  }

  private static ObjectNode error(JobOperationException refusal) {
    return Json.object()
        .put("code", refusal.code())
        .put("message", refusal.getMessage())
        .put("name", "Error");
  }
}
