package dev.millrace.bullmq;

import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A worker without a processor: it takes a job when it is told to, and is told how that ended. */
final class BridgeManual {
  private final Scripts scripts;
  private final ManualWorker worker;

  BridgeManual(RedisConnections connections, String queue, JsonNode options) {
    var settings = BridgeOptions.worker(options, new WorkerListener() {});
    var keys = new Keys(settings.prefix(), queue);
    scripts = new Scripts(connections, keys, settings.compat(), settings.eagerFail());
    worker = new ManualWorker(connections, queue, settings);
  }

  JsonNode call(String method, BridgeArgs args) throws InterruptedException {
    return switch (method) {
      case "getNextJob" -> show(worker.next(Duration.ofMillis(args.number(0, 0))));
      case "recoverStalled" -> BridgeArgs.json(worker.recoverStalled());
      default -> throw new IllegalArgumentException("unknown operation worker." + method);
    };
  }

  /** Completes a job that whoever has the token took. */
  JsonNode complete(Job job, String token, String value, boolean fetchNext) {
    return show(worker.complete(taken(job, token), value, fetchNext));
  }

  /** Fails an attempt that whoever has the token began. */
  JsonNode fail(Job job, String token, String message, boolean fetchNext) {
    return show(worker.fail(taken(job, token), new IllegalStateException(message), fetchNext));
  }

  private ActiveJob taken(Job job, String token) {
    return new ActiveJob(job, token, scripts, System.nanoTime(), _ -> {});
  }

  private static JsonNode show(Optional<ActiveJob> job) {
    return job.<JsonNode>map(taken -> BridgeOptions.show(taken.job()).put("token", taken.token()))
        .orElse(Json.tree("null"));
  }

  void close() {
    worker.close();
  }
}
