package dev.millrace.bullmq;

import java.time.Duration;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What administrators do to queues, with the names of Node's API. */
final class BridgeAdmin {
  static final Set<String> NAMES =
      Set.of(
          "clean",
          "drain",
          "obliterate",
          "retryJobs",
          "promoteJobs",
          "removeOrphanedJobs",
          "trimEvents",
          "remove",
          "removeDeduplicationKey",
          "removeDeprecatedPriorityKey",
          "setGlobalConcurrency",
          "removeGlobalConcurrency",
          "setGlobalRateLimit",
          "removeGlobalRateLimit",
          "rateLimit",
          "removeRateLimitKey");

  private static final JsonNode NOTHING = Json.tree("null");

  private BridgeAdmin() {}

  static JsonNode call(Queue queue, String method, BridgeArgs args) {
    var maintenance = queue.maintenance();
    return switch (method) {
      case "clean" ->
          BridgeArgs.json(
              maintenance.clean(
                  BridgeGetters.state(args.text(2, "completed")),
                  Duration.ofMillis(args.number(0, 0)),
                  args.number(1, 0)));
      case "drain" -> BridgeArgs.json(maintenance.drain(args.flag(0)));
      case "obliterate" -> {
        var options = args.at(0);
        maintenance.obliterate(
            options.isObject() ? BridgeArgs.flag(options.path("force")) : args.flag(0));
        yield NOTHING;
      }
      case "retryJobs" -> retryJobs(maintenance, args);
      case "promoteJobs" -> BridgeArgs.json(maintenance.promoteJobs());
      case "removeOrphanedJobs" ->
          BridgeArgs.json(maintenance.removeOrphanedJobs(args.number(1, 0)));
      case "trimEvents" -> BridgeArgs.json(maintenance.trimEvents(args.number(0, 0)));
      case "remove" -> {
        var options = args.at(1).path("removeChildren");
        var children =
            options.isBoolean() && !options.booleanValue()
                ? JobOperations.Children.KEEP
                : JobOperations.Children.REMOVE;
        yield BridgeArgs.json(queue.jobs().remove(args.text(0), children) ? 1 : 0);
      }
      case "removeDeduplicationKey" ->
          BridgeArgs.json(maintenance.removeDeduplicationKey(args.text(0)) ? 1 : 0);
      case "removeDeprecatedPriorityKey" ->
          BridgeArgs.json(maintenance.removeDeprecatedPriorityKey() ? 1 : 0);
      default -> {
        changeLimits(queue.settings(), method, args);
        yield NOTHING;
      }
    };
  }

  /** Takes a state, or Node's options, of which the batch size has no meaning here. */
  private static JsonNode retryJobs(QueueMaintenance maintenance, BridgeArgs args) {
    var options = args.at(0);
    var state = options.isObject() ? BridgeArgs.field(options, "state") : args.text(0, "");
    var until = BridgeArgs.number(options.path("timestamp"), System.currentTimeMillis());
    return BridgeArgs.json(
        maintenance.retryJobs(BridgeGetters.state(state.isEmpty() ? "failed" : state), until));
  }

  private static void changeLimits(QueueSettings settings, String method, BridgeArgs args) {
    switch (method) {
      case "setGlobalConcurrency" -> settings.globalConcurrency((int) args.number(0, 1));
      case "removeGlobalConcurrency" -> settings.removeGlobalConcurrency();
      case "setGlobalRateLimit" ->
          settings.globalRateLimit(
              new WorkerOptions.RateLimit(
                  args.number(0, 1), Duration.ofMillis(args.number(1, 1000))));
      case "removeGlobalRateLimit" -> settings.removeGlobalRateLimit();
      case "rateLimit" -> settings.rateLimit(Duration.ofMillis(args.number(0, 1000)));
      case "removeRateLimitKey" -> settings.removeRateLimit();
      default -> throw new IllegalArgumentException("unknown operation queue." + method);
    }
  }
}
