package dev.millrace.bullmq;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A worker with one of the processors that tests ask for. */
final class BridgeWorker {
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final BridgeWorkerEvents events;
  private @Nullable Worker worker;

  private BridgeWorker(BridgeWorkerEvents events) {
    this.events = events;
  }

  static BridgeWorker start(
      BridgeOutput out,
      String handle,
      RedisConnections redis,
      String queue,
      JsonNode options,
      JsonNode processor) {
    var quiet = BridgeArgs.flag(options.path("quiet"));
    var started = new BridgeWorker(new BridgeWorkerEvents(out, handle, quiet));
    var own = new Queue(redis, queue, BridgeOptions.queue(options));
    started.worker =
        Worker.start(
            redis,
            queue,
            new BridgeProcessors(own).of(processor),
            BridgeOptions.worker(options, started.events));
    return started;
  }

  JsonNode call(String method, BridgeArgs args) throws InterruptedException {
    var running = running();
    return switch (method) {
      case "cancel" -> BridgeArgs.json(running.cancelJob(args.text(0), args.text(1, "cancelled")));
      case "cancelAll" -> {
        running.cancelAllJobs(args.text(0, "cancelled"));
        yield Json.tree("null");
      }
      case "pause" -> BridgeArgs.json(running.pause(args.flag(0) ? Duration.ZERO : LONGEST_PAUSE));
      case "resume" -> {
        running.resume();
        yield Json.tree("null");
      }
      case "setConcurrency" -> {
        running.concurrency((int) args.number(0, 1));
        yield Json.tree("null");
      }
      case "rateLimit" -> {
        running.rateLimit(Duration.ofMillis(args.number(0, 1000)));
        yield Json.tree("null");
      }
      case "run" -> {
        running.run();
        yield Json.tree("null");
      }
      case "isRunning" -> BridgeArgs.json(running.isRunning());
      case "isPaused" -> BridgeArgs.json(running.isPaused());
      case "stop" -> BridgeArgs.json(running.stop(Duration.ofMillis(args.number(0, 0))));
      case "stats" -> events.stats().put("active", running.activeCount());
      default -> throw new IllegalArgumentException("unknown operation worker." + method);
    };
  }

  void close(boolean force) {
    running().close(force);
  }

  private Worker running() {
    var now = worker;
    if (now == null) {
      throw new IllegalStateException("the worker did not start");
    }
    return now;
  }
}
