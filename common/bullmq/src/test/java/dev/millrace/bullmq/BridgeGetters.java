package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The operations that read queues, with the names of Node's API. */
final class BridgeGetters {
  private static final Map<String, JobState> LISTS =
      Map.of(
          "getWaiting", JobState.WAITING,
          "getActive", JobState.ACTIVE,
          "getDelayed", JobState.DELAYED,
          "getPrioritized", JobState.PRIORITIZED,
          "getWaitingChildren", JobState.WAITING_CHILDREN,
          "getCompleted", JobState.COMPLETED,
          "getFailed", JobState.FAILED);

  private BridgeGetters() {}

  static JsonNode call(Queue queue, String method, BridgeArgs args) {
    var getters = queue.getters();
    var list = LISTS.get(method);
    if (list != null) {
      var newestFirst = list == JobState.COMPLETED || list == JobState.FAILED;
      return show(getters.jobs(list, args.number(0, 0), args.number(1, -1), !newestFirst));
    }
    var counted = LISTS.get(method.replaceFirst("Count$", ""));
    if (counted != null) {
      return BridgeArgs.json(queue.counts().of(counted));
    }
    return switch (method) {
      case "getJob" ->
          queue.job(args.text(0)).<JsonNode>map(BridgeOptions::show).orElse(Json.tree("null"));
      case "getJobs" -> jobs(getters, args);
      case "getState", "getJobState" -> BridgeArgs.json(queue.state(args.text(0)).wireName());
      case "getJobCounts", "recordJobCountsMetric" -> counts(queue.counts(), args);
      case "getJobCountByTypes" -> countByTypes(queue.counts(), args);
      case "count" -> BridgeArgs.json(getters.pendingCount());
      case "getCountsPerPriority" -> countsPerPriority(getters, args);
      case "getJobLogs" -> BridgeJob.call(queue, "logs", args);
      case "getIgnoredChildrenFailures" ->
          BridgeArgs.json(getters.children(args.text(0)).ignoredFailures());
      case "isMaxed" -> BridgeArgs.json(getters.isMaxed());
      case "getDeduplicationJobId" ->
          BridgeArgs.json(getters.deduplicationJobId(args.text(0)).orElse(null));
      default -> settings(queue, method, args);
    };
  }

  private static JsonNode settings(Queue queue, String method, BridgeArgs args) {
    var settings = queue.settings();
    return switch (method) {
      case "getMeta" -> meta(settings.meta());
      case "getVersion" -> BridgeArgs.json(settings.meta().version());
      case "getGlobalConcurrency" -> number(settings.meta().concurrency());
      case "getGlobalRateLimit" ->
          settings
              .globalRateLimit()
              .<JsonNode>map(limit ->
                  Json.object()
                      .put("max", limit.max())
                      .put("duration", limit.duration().toMillis()))
              .orElse(Json.tree("null"));
      case "getRateLimitTtl" ->
          BridgeArgs.json(
              (args.has(0) ? settings.rateLimitTtl(args.number(0, 0)) : settings.rateLimitTtl())
                  .toMillis());
      default -> BridgeSchedulers.call(queue, method, args);
    };
  }

  static JobState state(String name) {
    return JobState.ofWireName(name.equals("wait") || name.equals("paused") ? "waiting" : name);
  }

  private static JsonNode jobs(QueueGetters getters, BridgeArgs args) {
    var states = args.texts(0).stream().map(BridgeGetters::state).distinct().toList();
    return show(getters.jobs(states, args.number(1, 0), args.number(2, -1), args.flag(3)));
  }

  private static JsonNode show(List<Job> jobs) {
    var shown = Json.array();
    jobs.forEach(job -> shown.add(BridgeOptions.show(job)));
    return shown;
  }

  /** Returns what the arguments name, each a state or several; all states if there is none. */
  private static List<String> states(BridgeArgs args) {
    var states = new ArrayList<String>();
    for (var i = 0; i < args.list().size(); i++) {
      states.addAll(args.texts(i));
    }
    if (states.isEmpty()) {
      LISTS.values().forEach(state -> states.add(state.wireName()));
    }
    return states;
  }

  private static JsonNode countByTypes(JobCounts counts, BridgeArgs args) {
    var states = states(args).stream().map(BridgeGetters::state).distinct();
    return BridgeArgs.json(states.mapToLong(counts::of).sum());
  }

  private static JsonNode counts(JobCounts counts, BridgeArgs args) {
    var states = states(args);
    var json = Json.object();
    states.forEach(name -> json.put(name, counts.of(state(name))));
    return json;
  }

  private static JsonNode countsPerPriority(QueueGetters getters, BridgeArgs args) {
    var json = Json.object();
    getters
        .countsPerPriority(args.texts(0).stream().map(Integer::valueOf).toList())
        .forEach((priority, count) -> json.put(priority.toString(), count));
    return json;
  }

  private static JsonNode meta(QueueMeta meta) {
    var json = Json.object();
    if (meta.paused()) {
      json.put("paused", true);
    }
    put(json, "concurrency", meta.concurrency());
    put(json, "max", meta.max());
    put(json, "duration", meta.duration());
    put(json, "maxLenEvents", meta.maxLenEvents());
    if (meta.version() != null) {
      json.put("version", meta.version());
    }
    meta.others().forEach(json::put);
    return json;
  }

  static void put(tools.jackson.databind.node.ObjectNode json, String name, @Nullable Long value) {
    if (value != null) {
      json.put(name, value);
    }
  }

  private static JsonNode number(@Nullable Long value) {
    return value == null ? Json.tree("null") : BridgeArgs.json(value);
  }
}
