package dev.millrace.bullmq;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns options as Node's API names them into ours, and jobs into what Node's API shows. */
final class BridgeOptions {
  private BridgeOptions() {}

  static QueueOptions queue(JsonNode options) {
    return QueueOptions.DEFAULT
        .withPrefix(prefix(options))
        .withCompat(compat(options))
        .withMaxLenEvents(maxLenEvents(options))
        .withDefaultJobOptions(job(options.path("defaultJobOptions")));
  }

  private static long maxLenEvents(JsonNode options) {
    var inNodesPlace = options.path("streams").path("events").path("maxLen");
    return BridgeArgs.number(
        options.path("maxLenEvents"),
        BridgeArgs.number(inNodesPlace, QueueOptions.DEFAULT.maxLenEvents()));
  }

  static String prefix(JsonNode options) {
    return options.path("prefix").asString("bull");
  }

  static Compat compat(JsonNode options) {
    return Compat.valueOf(options.path("compat").asString("V6"));
  }

  static WorkerOptions worker(JsonNode options, WorkerListener listener) {
    var lock = BridgeArgs.number(options.path("lockDuration"), 30_000);
    var defaults = WorkerOptions.DEFAULT;
    return WorkerOptions.builder()
        .prefix(prefix(options))
        .compat(compat(options))
        .eagerFail(BridgeArgs.flag(options.path("eagerFail")))
        .name(BridgeArgs.field(options, "name"))
        .concurrency((int) BridgeArgs.number(options.path("concurrency"), 1))
        .lockDuration(Duration.ofMillis(lock))
        .lockRenewTime(millis(options, "lockRenewTime", Duration.ofMillis(lock / 2)))
        .stalledInterval(millis(options, "stalledInterval", defaults.stalledInterval()))
        .maxStalledCount((int) BridgeArgs.number(options.path("maxStalledCount"), 1))
        .maxStartedAttempts(number(options.path("maxStartedAttempts")))
        .maximumRateLimitDelay(
            millis(options, "maximumRateLimitDelay", defaults.maximumRateLimitDelay()))
        .runRetryDelay(millis(options, "runRetryDelay", defaults.runRetryDelay()))
        .drainDelay(Duration.ofSeconds(BridgeArgs.number(options.path("drainDelay"), 5)))
        .skipStalledCheck(BridgeArgs.flag(options.path("skipStalledCheck")))
        .skipLockRenewal(BridgeArgs.flag(options.path("skipLockRenewal")))
        .autorun(!options.path("autorun").isBoolean() || options.path("autorun").booleanValue())
        .removeOnComplete(job(options).removeOnComplete())
        .removeOnFail(job(options).removeOnFail())
        .limiter(limiter(options.path("limiter")))
        .metrics(metrics(options.path("metrics")))
        .listener(listener)
        .build();
  }

  private static Duration millis(JsonNode options, String name, Duration otherwise) {
    return Duration.ofMillis(BridgeArgs.number(options.path(name), otherwise.toMillis()));
  }

  private static WorkerOptions.@Nullable RateLimit limiter(JsonNode limiter) {
    return limiter.isObject()
        ? new WorkerOptions.RateLimit(
            BridgeArgs.number(limiter.path("max"), 1),
            Duration.ofMillis(BridgeArgs.number(limiter.path("duration"), 1000)))
        : null;
  }

  private static @Nullable Integer metrics(JsonNode metrics) {
    return number(metrics.isObject() ? metrics.path("maxDataPoints") : metrics);
  }

  private static @Nullable Integer number(JsonNode value) {
    return value.isNumber() ? (Integer) value.intValue() : null;
  }

  static JobOptions job(JsonNode options) {
    return JobOptionsJson.read(Json.write(BridgeJobJson.stored(options)));
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
            .put("processedBy", job.processedBy())
            .put("processedOn", job.processedOn())
            .put("finishedOn", job.finishedOn())
            .put("repeatJobKey", job.repeatJobKey())
            .put("deduplicationId", job.deduplicationId());
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
