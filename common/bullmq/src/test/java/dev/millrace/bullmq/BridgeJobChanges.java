package dev.millrace.bullmq;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/** The operations of a backend that change one job that no worker is ending. */
final class BridgeJobChanges {
  private static final JsonNode NOTHING = Json.tree("null");

  private final BridgeBackend backend;

  BridgeJobChanges(BridgeBackend backend) {
    this.backend = backend;
  }

  Map<String, BridgeOperation> operations() {
    return Map.ofEntries(
        Map.entry("updateData", this::updateData),
        Map.entry("updateProgress", this::updateProgress),
        Map.entry("addLog", this::addLog),
        Map.entry("clearLogs", this::clearLogs),
        Map.entry("changeDelay", this::changeDelay),
        Map.entry("changePriority", this::changePriority),
        Map.entry("promote", this::promote),
        Map.entry("retryFinishedJob", this::retryFinishedJob),
        Map.entry("remove", this::remove),
        Map.entry("removeUnprocessedChildren", this::removeUnprocessedChildren),
        Map.entry("removeChildDependency", this::removeChildDependency),
        Map.entry("removeDeduplicationKey", this::removeDeduplicationKey),
        Map.entry("deleteDeduplicationKey", this::deleteDeduplicationKey));
  }

  private CompletableFuture<JsonNode> updateData(BridgeArgs args) {
    var id = BridgeArgs.text(args.at(0).path("id"));
    return update(id, "updateData", "data", json(args), "").thenApply(_ -> NOTHING);
  }

  private CompletableFuture<JsonNode> updateProgress(BridgeArgs args) {
    return update(args.text(0), "updateProgress", "progress", json(args), "")
        .thenApply(_ -> NOTHING);
  }

  private static String json(BridgeArgs args) {
    return Json.write(args.list().path(1));
  }

  private CompletableFuture<JsonNode> addLog(BridgeArgs args) {
    return update(args.text(0), "addLog", "log", args.text(1, ""), args.text(2, ""))
        .thenApply(BridgeArgs::json);
  }

  private CompletableFuture<Long> update(
      String id, String command, String what, String value, String keep) {
    return backend.checked(id, command, null, Script.UPDATE, id, what, value, keep);
  }

  private CompletableFuture<JsonNode> clearLogs(BridgeArgs args) {
    var key = backend.keys.job(args.text(0)) + ":logs";
    var keep = args.number(1, 0);
    var cleared =
        keep > 0
            ? backend.command(c -> c.ltrim(key, -keep, -1)).thenApply(_ -> 0L)
            : backend.command(c -> c.del(key));
    return cleared.thenApply(_ -> NOTHING);
  }

  private CompletableFuture<JsonNode> changeDelay(BridgeArgs args) {
    return change(args, "changeDelay", "delay", args.text(1, "0"), "");
  }

  private CompletableFuture<JsonNode> changePriority(BridgeArgs args) {
    return change(args, "changePriority", "priority", args.text(1, "0"), args.flag(2) ? "1" : "");
  }

  private CompletableFuture<JsonNode> promote(BridgeArgs args) {
    return change(args, "promote", "promote", "", "");
  }

  private CompletableFuture<JsonNode> change(
      BridgeArgs args, String command, String what, String value, String front) {
    var id = args.text(0);
    return backend
        .checked(id, command, JobState.DELAYED, Script.CHANGE, id, what, value, front)
        .thenApply(_ -> NOTHING);
  }

  private CompletableFuture<JsonNode> retryFinishedJob(BridgeArgs args) {
    var id = BridgeArgs.text(args.at(0).path("id"));
    var state = JobState.ofWireName(args.text(1));
    var reset = args.at(2);
    return backend
        .checked(
            id,
            "reprocessJob",
            state,
            Script.RETRY,
            id,
            state.wireName(),
            BridgeArgs.flag(reset.path("resetAttemptsMade")) ? "1" : "",
            BridgeArgs.flag(reset.path("resetAttemptsStarted")) ? "1" : "")
        .thenApply(_ -> NOTHING);
  }

  private CompletableFuture<JsonNode> remove(BridgeArgs args) {
    var id = args.text(0);
    return backend
        .checked(id, "removeJob", null, Script.REMOVE, id, args.flag(1) ? "all" : "job")
        .thenApply(BridgeArgs::json);
  }

  private CompletableFuture<JsonNode> removeUnprocessedChildren(BridgeArgs args) {
    var id = args.text(0);
    return backend
        .checked(id, "removeUnprocessedChildren", null, Script.REMOVE, id, "pending")
        .thenApply(_ -> NOTHING);
  }

  private CompletableFuture<JsonNode> removeChildDependency(BridgeArgs args) {
    var id = args.text(0);
    return backend
        .script(Script.DETACH, id)
        .thenApply(reply -> {
          var code = ((Long) reply.getFirst()).intValue();
          if (code < 0) {
            var subject = code == -5 ? String.valueOf(reply.get(1)) : id;
            throw JobOperationException.of(code, subject, "removeChildDependency", null);
          }
          return BridgeArgs.json(code == 1);
        });
  }

  private CompletableFuture<JsonNode> removeDeduplicationKey(BridgeArgs args) {
    return backend
        .script(Script.RELEASE_DEDUPLICATION, args.text(1), args.text(0))
        .thenApply(reply -> BridgeArgs.json((Long) reply.getFirst()));
  }

  private CompletableFuture<JsonNode> deleteDeduplicationKey(BridgeArgs args) {
    return backend
        .command(c -> c.del(backend.keys.key("de:" + args.text(0))))
        .thenApply(BridgeArgs::json);
  }
}
