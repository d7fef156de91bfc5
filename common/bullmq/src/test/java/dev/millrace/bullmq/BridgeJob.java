package dev.millrace.bullmq;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The operations on single jobs, with the names of Node's API; the first argument is the id. */
final class BridgeJob {
  private static final JsonNode NOTHING = Json.tree("null");

  private BridgeJob() {}

  static JsonNode call(Queue queue, String method, BridgeArgs args) {
    var jobs = queue.jobs();
    var id = args.text(0);
    return switch (method) {
      case "get" -> BridgeGetters.call(queue, "getJob", args);
      case "getState" -> BridgeArgs.json(queue.state(id).wireName());
      case "isCompleted" -> is(queue, id, JobState.COMPLETED);
      case "isFailed" -> is(queue, id, JobState.FAILED);
      case "isDelayed" -> is(queue, id, JobState.DELAYED);
      case "isActive" -> is(queue, id, JobState.ACTIVE);
      case "isWaiting" -> is(queue, id, JobState.WAITING);
      case "isWaitingChildren" -> is(queue, id, JobState.WAITING_CHILDREN);
      case "log" -> BridgeArgs.json(jobs.log(id, args.text(1), keep(args, 2)));
      case "logs" -> logs(jobs, args);
      case "remove" -> {
        if (BridgeAdmin.call(queue, "remove", args).intValue() == 0) {
          throw new BullMqException(
              "Job %s could not be removed because it is locked by another worker".formatted(id));
        }
        yield NOTHING;
      }
      case "removeChildDependency" -> BridgeArgs.json(jobs.removeChildDependency(id));
      case "removeDeduplicationKey" -> BridgeArgs.json(jobs.removeDeduplicationKey(id));
      case "extendLock" ->
          BridgeArgs.json(
              jobs.extendLock(id, args.text(1), Duration.ofMillis(args.number(2, 30_000))) ? 1 : 0);
      case "moveToWait" -> BridgeArgs.json(jobs.moveToWait(id, args.text(1, "0")).toMillis());
      case "moveToWaitingChildren" -> BridgeArgs.json(waits(jobs, args));
      case "getChildrenValues" -> values(queue.getters().children(id));
      case "getIgnoredChildrenFailures" ->
          BridgeArgs.json(queue.getters().children(id).ignoredFailures());
      case "getDependenciesCount" -> counts(queue.getters().children(id).counts());
      default -> {
        change(jobs, method, id, args);
        yield NOTHING;
      }
    };
  }

  private static void change(JobOperations jobs, String method, String id, BridgeArgs args) {
    switch (method) {
      case "updateData" -> jobs.updateData(id, Json.write(args.list().path(1)));
      case "updateProgress" -> jobs.updateProgress(id, Json.write(args.list().path(1)));
      case "clearLogs" -> jobs.clearLogs(id, (int) args.number(1, 0));
      case "promote" -> jobs.promote(id);
      case "changeDelay" -> jobs.changeDelay(id, Duration.ofMillis(args.number(1, 0)));
      case "changePriority" -> changePriority(jobs, id, args);
      case "retry" -> retry(jobs, id, args);
      case "removeUnprocessedChildren" -> jobs.removeUnprocessedChildren(id);
      case "moveToDelayed" -> {
        var delay = Math.max(0, args.number(1, 0) - System.currentTimeMillis());
        jobs.moveToDelayed(id, args.text(2, "0"), Duration.ofMillis(delay));
      }
      default -> throw new IllegalArgumentException("unknown operation job." + method);
    }
  }

  private static void changePriority(JobOperations jobs, String id, BridgeArgs args) {
    var options = args.at(1);
    var priority = options.isObject() ? options.path("priority") : options;
    var lifo = options.isObject() ? options.path("lifo") : args.at(2);
    jobs.changePriority(id, (int) BridgeArgs.number(priority, 0), BridgeArgs.flag(lifo));
  }

  private static void retry(JobOperations jobs, String id, BridgeArgs args) {
    var options = args.at(2);
    jobs.retry(
        id,
        BridgeGetters.state(args.text(1, "failed")),
        new JobOperations.Reset(
            BridgeArgs.flag(options.path("resetAttemptsMade")),
            BridgeArgs.flag(options.path("resetAttemptsStarted"))));
  }

  private static boolean waits(JobOperations jobs, BridgeArgs args) {
    var child = args.at(2).path("child");
    var key =
        child.isObject()
            ? BridgeArgs.field(child, "queue") + ":" + BridgeArgs.field(child, "id")
            : null;
    return jobs.moveToWaitingChildren(args.text(0), args.text(1, "0"), key);
  }

  private static JsonNode logs(JobOperations jobs, BridgeArgs args) {
    var logs =
        jobs.logs(
            args.text(0),
            (int) args.number(1, 0),
            (int) args.number(2, -1),
            !args.has(3) || args.flag(3));
    var json = Json.object().put("count", logs.total());
    json.set("logs", BridgeArgs.json(logs.rows()));
    return json;
  }

  private static JsonNode values(JobChildren children) {
    var json = Json.object();
    children.values().forEach((key, value) -> json.set(key, Json.tree(value)));
    return json;
  }

  private static JsonNode counts(ChildCounts counts) {
    return Json.object()
        .put("processed", counts.processed())
        .put("unprocessed", counts.unprocessed())
        .put("ignored", counts.ignored())
        .put("failed", counts.failed());
  }

  private static @Nullable Integer keep(BridgeArgs args, int place) {
    return args.has(place) ? (Integer) (int) args.number(place, 0) : null;
  }

  private static JsonNode is(Queue queue, String id, JobState state) {
    return BridgeArgs.json(queue.state(id) == state);
  }
}
