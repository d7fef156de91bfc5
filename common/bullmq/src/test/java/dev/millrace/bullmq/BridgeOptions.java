package dev.millrace.bullmq;

import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns options as Node's API names them into ours, and jobs into what Node's API shows. */
final class BridgeOptions {
  private static final Map<String, String> STORED_NAMES =
      Map.of(
          "deduplication", "de",
          "failParentOnFailure", "fpof",
          "continueParentOnFailure", "cpof",
          "ignoreDependencyOnFailure", "idof",
          "removeDependencyOnFailure", "rdof",
          "keepLogs", "kl");

  private BridgeOptions() {}

  static QueueOptions queue(JsonNode options) {
    return QueueOptions.DEFAULT.withPrefix(prefix(options)).withCompat(compat(options));
  }

  static String prefix(JsonNode options) {
    return options.path("prefix").asString("bull");
  }

  static Compat compat(JsonNode options) {
    return Compat.valueOf(options.path("compat").asString("V6"));
  }

  static WorkerOptions worker(JsonNode options, WorkerListener listener) {
    return WorkerOptions.builder()
        .prefix(prefix(options))
        .compat(compat(options))
        .eagerFail(options.path("eagerFail").asBoolean(false))
        .name(options.path("name").asString(""))
        .concurrency(options.path("concurrency").asInt(1))
        .lockDuration(Duration.ofMillis(options.path("lockDuration").asLong(30_000)))
        .lockRenewTime(
            Duration.ofMillis(
                options
                    .path("lockRenewTime")
                    .asLong(options.path("lockDuration").asLong(30_000) / 2)))
        .stalledInterval(Duration.ofMillis(options.path("stalledInterval").asLong(30_000)))
        .maxStalledCount(options.path("maxStalledCount").asInt(1))
        .drainDelay(Duration.ofSeconds(options.path("drainDelay").asLong(5)))
        .metrics(options.hasNonNull("metrics") ? options.get("metrics").asInt() : null)
        .listener(listener)
        .build();
  }

  static JobOptions job(JsonNode options) {
    var stored = Json.object();
    if (options instanceof ObjectNode object) {
      for (var entry : object.properties()) {
        stored.set(STORED_NAMES.getOrDefault(entry.getKey(), entry.getKey()), entry.getValue());
      }
    }
    return JobOptionsJson.read(Json.write(stored));
  }

  static ObjectNode show(Job job) {
    var json =
        Json.object()
            .put("id", job.id())
            .put("name", job.name())
            .put("timestamp", job.timestamp())
            .put("delay", job.delay())
            .put("priority", job.priority())
            .put("attemptsMade", job.attemptsMade())
            .put("attemptsStarted", job.attemptsStarted())
            .put("stalledCounter", job.stalledCount())
            .put("failedReason", job.failedReason())
            .put("parentKey", job.parentKey())
            .put("processedBy", job.processedBy());
    json.set("data", Json.tree(job.data()));
    json.set("progress", Json.tree(job.progress()));
    json.set("opts", Json.tree(JobOptionsJson.write(job.options())));
    var returned = job.returnValue();
    json.set("returnvalue", returned == null ? null : Json.tree(returned));
    var traces = json.putArray("stacktrace");
    job.stacktrace().forEach(traces::add);
    return json;
  }
}
