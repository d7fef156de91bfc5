package dev.millrace.bullmq;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/** The operations of a backend on a whole queue and on many of its jobs. */
final class BridgeUpkeep {
  private static final long MOST = 1000;

  private final BridgeBackend backend;
  private final QueueMaintenance maintenance;

  BridgeUpkeep(BridgeBackend backend) {
    this.backend = backend;
    maintenance = new QueueMaintenance(backend.scripts, SafeListener.NONE);
  }

  Map<String, BridgeOperation> operations() {
    return Map.of(
        "pause", this::pause,
        "drain", this::drain,
        "cleanJobsByState", this::clean,
        "obliterate", this::obliterate,
        "removeOrphanedJobs", this::removeOrphanedJobs,
        "retryFinishedJobs", this::retryFinishedJobs,
        "promoteJobs", this::promoteJobs,
        "moveStalledJobsToWait", this::moveStalledJobsToWait);
  }

  private CompletableFuture<JsonNode> pause(BridgeArgs args) {
    var pausing = args.flag(0) ? "1" : "";
    return backend.inSteps(() -> {
      var again = "";
      while (Scripts.await(backend.script(Script.PAUSE, pausing, again), "pause")
          .getFirst()
          .equals(1L)) {
        again = "1";
      }
      return Json.tree("null");
    });
  }

  private CompletableFuture<JsonNode> drain(BridgeArgs args) {
    return backend.inSteps(() -> {
      maintenance.drain(args.flag(0));
      return Json.tree("null");
    });
  }

  private CompletableFuture<JsonNode> clean(BridgeArgs args) {
    var suffix = BridgeReads.suffix(args.text(0));
    var limit = args.number(2, 0);
    return backend.inSteps(
        () -> BridgeArgs.json(maintenance.clean(suffix, args.number(1, 0), limit)));
  }

  private CompletableFuture<JsonNode> obliterate(BridgeArgs args) {
    var options = args.at(0);
    var count = BridgeArgs.number(options.path("count"), MOST);
    return backend
        .script(
            Script.OBLITERATE,
            BridgeArgs.flag(options.path("force")) ? "1" : "",
            Long.toString(count))
        .thenApply(reply -> {
          var code = (Long) reply.getFirst();
          if (code < 0) {
            throw JobOperationException.obliterating(code.intValue());
          }
          return BridgeArgs.json(code);
        });
  }

  private CompletableFuture<JsonNode> removeOrphanedJobs(BridgeArgs args) {
    return backend.inSteps(
        () -> BridgeArgs.json(maintenance.removeOrphanedJobs(args.number(1, 0))));
  }

  private CompletableFuture<JsonNode> retryFinishedJobs(BridgeArgs args) {
    var time = args.number(2, backend.clock.now());
    return revive(args.text(0, "failed"), Long.toString(time), args.number(1, MOST));
  }

  private CompletableFuture<JsonNode> promoteJobs(BridgeArgs args) {
    return revive("delayed", "+inf", args.number(0, MOST));
  }

  /** Returns 1 if there may be more. */
  private CompletableFuture<JsonNode> revive(String state, String highest, long count) {
    return backend
        .script(Script.REVIVE_MANY, state, highest, Long.toString(count))
        .thenApply(reply -> BridgeArgs.json((Long) reply.getFirst() >= count ? 1 : 0));
  }

  private CompletableFuture<JsonNode> moveStalledJobsToWait(BridgeArgs args) {
    var options = backend.options;
    return backend
        .script(
            Script.STALLED,
            Long.toString(options.maxStalledCount()),
            Long.toString(options.stalledInterval()))
        .thenApply(reply -> BridgeArgs.json((java.util.List<?>) reply.getFirst()));
  }
}
