package dev.millrace.bullmq;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * The options of a backend, those of Node's queues and workers.
 *
 * @param name the worker's
 * @param max how many jobs may start per {@code duration}, if limited
 * @param duration ms
 * @param stalledInterval for how long one check for stalled jobs keeps others from being made, ms
 * @param metrics how many points are kept, if finished jobs are counted
 * @param removeOnComplete the worker's policy for jobs that have none; missing if it has none
 * @param maxLenEvents what the queue was opened with; empty leaves the queue as it is
 */
record BridgeBackendOptions(
    Compat compat,
    boolean eagerFail,
    String name,
    long lockDuration,
    @Nullable Long max,
    @Nullable Long duration,
    long maxStalledCount,
    long stalledInterval,
    @Nullable Long metrics,
    JsonNode removeOnComplete,
    JsonNode removeOnFail,
    String maxLenEvents) {

  static BridgeBackendOptions read(JsonNode json) {
    var limiter = json.path("limiter");
    var metrics = json.path("metrics");
    return new BridgeBackendOptions(
        Compat.valueOf(json.path("compat").asString("V6")),
        BridgeArgs.flag(json.path("eagerFail")),
        BridgeArgs.field(json, "name"),
        BridgeArgs.number(json.path("lockDuration"), 30_000),
        number(limiter.path("max")),
        number(limiter.path("duration")),
        BridgeArgs.number(json.path("maxStalledCount"), 1),
        // Whoever does not say calls as often as it wants checks.
        Math.max(1, BridgeArgs.number(json.path("stalledInterval"), 1)),
        number(metrics.isObject() ? metrics.path("maxDataPoints") : metrics),
        given(json.path("removeOnComplete")),
        given(json.path("removeOnFail")),
        BridgeArgs.field(json, "maxLenEvents"));
  }

  private static JsonNode given(JsonNode value) {
    return value.isNull() ? MissingNode.getInstance() : value;
  }

  private static @Nullable Long number(JsonNode value) {
    return value.isMissingNode() || value.isNull() ? null : BridgeArgs.number(value, 0);
  }
}
