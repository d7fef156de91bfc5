package dev.millrace.bullmq;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** The processors that tests ask for by their kind. */
final class BridgeProcessors {
  private static final Duration FOR_EVER = Duration.ofHours(1);
  private static final Duration STEP_DELAY = Duration.ofMillis(50);

  private final Queue queue;

  /**
   * @param queue where a processor adds children
   */
  BridgeProcessors(Queue queue) {
    this.queue = queue;
  }

  Processor of(JsonNode description) {
    var kind = BridgeArgs.field(description, "kind");
    return switch (kind) {
      case "noop" -> _ -> null;
      case "echo" -> job -> job.job().data();
      case "fail" ->
          _ -> {
            throw new IllegalStateException("boom");
          };
      case "failN" -> failing(BridgeArgs.number(description.path("n"), 1));
      case "sleep" -> sleeping(BridgeArgs.number(description.path("ms"), 0));
      case "hang" -> sleeping(FOR_EVER.toMillis());
      case "unrecoverable" ->
          _ -> {
            throw new UnrecoverableJobException("no way");
          };
      case "rateLimit" -> rateLimiting(BridgeArgs.number(description.path("ms"), 100));
      case "progress" ->
          job -> {
            job.updateProgress("{\"percent\":50}");
            return job.job().data();
          };
      case "log" ->
          job -> {
            job.log("first row");
            return job.job().data();
          };
      case "children" -> BridgeProcessors::childrenValues;
      case "waitChildrenStep", "addChildren" -> this::addChildren;
      case "delayStep", "delayOnce" ->
          job -> {
            if (job.job().attemptsStarted() < 2) {
              throw job.moveToDelayed(STEP_DELAY);
            }
            return job.job().data();
          };
      case "failNamed" ->
          job -> {
            if (job.job().name().equals(BridgeArgs.field(description, "name"))) {
              throw new UnrecoverableJobException("boom");
            }
            return childrenValues(job);
          };
      default -> throw new IllegalArgumentException("unknown processor " + kind);
    };
  }

  /** Returns what the children returned, or the data of a job without any. */
  private static String childrenValues(ActiveJob job) {
    var values = job.children().values();
    if (values.isEmpty()) {
      return job.job().data();
    }
    var json = Json.array();
    values.values().stream().sorted().forEach(value -> json.add(Json.tree(value)));
    return Json.write(json);
  }

  /** Jobs called "parent" add two children when they begin, and wait for them. */
  private String addChildren(ActiveJob job) {
    if (!job.job().name().equals("parent")) {
      return job.job().data();
    }
    if (job.job().attemptsStarted() < 2) {
      for (var i = 1; i <= 2; i++) {
        queue.add(
            "child", Integer.toString(i), JobOptions.builder().parent(job.asParent()).build());
      }
    }
    job.waitForChildren();
    return childrenValues(job);
  }

  private static Processor rateLimiting(long millis) {
    return job -> {
      if (job.job().attemptsStarted() < 2) {
        throw job.rateLimit(Duration.ofMillis(millis));
      }
      return job.job().data();
    };
  }

  private static Processor failing(long times) {
    return job -> {
      if (job.job().attemptsMade() < times) {
        throw new IllegalStateException("boom " + job.job().attemptsMade());
      }
      return job.job().data();
    };
  }

  private static Processor sleeping(long millis) {
    return job -> {
      var cancelled = new CountDownLatch(1);
      job.onCancel(cancelled::countDown);
      if (cancelled.await(millis, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(job.cancelReason().orElse("cancelled"));
      }
      return job.job().data();
    };
  }
}
