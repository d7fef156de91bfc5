package dev.millrace.bullmq;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A worker with one of the processors that tests ask for. */
final class BridgeWorker {
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong stalled = new AtomicLong();
  private @Nullable Worker worker;

  private BridgeWorker() {}

  static BridgeWorker start(
      Bridge bridge,
      String handle,
      RedisConnections redis,
      String queue,
      JsonNode options,
      JsonNode processor) {
    var started = new BridgeWorker();
    var quiet = options.path("quiet").asBoolean(false);
    var listener = started.listener(bridge, handle, quiet);
    var own = new Queue(redis, queue, BridgeOptions.queue(options));
    started.worker =
        Worker.start(
            redis, queue, processor(processor, own), BridgeOptions.worker(options, listener));
    return started;
  }

  JsonNode call(String method, JsonNode args) {
    return switch (method) {
      case "cancel" -> {
        var found = running().cancelJob(args.get(0).stringValue(), args.path(1).asString(""));
        yield Json.tree(Boolean.toString(found));
      }
      case "stop" ->
          Json.tree(Boolean.toString(running().stop(Duration.ofMillis(args.get(0).asLong()))));
      case "stats" ->
          Json.object()
              .put("completed", completed.get())
              .put("failed", failed.get())
              .put("stalled", stalled.get())
              .put("active", running().activeCount());
      default -> throw new IllegalArgumentException("unknown operation worker." + method);
    };
  }

  void close() {
    running().close();
  }

  private Worker running() {
    var now = worker;
    if (now == null) {
      throw new IllegalStateException("the worker did not start");
    }
    return now;
  }

  private WorkerListener listener(Bridge bridge, String handle, boolean quiet) {
    return new WorkerListener() {
      @Override
      public void completed(Job job, String returnValue) {
        completed.incrementAndGet();
        if (!quiet) {
          bridge.event("worker.completed", handle, job.id(), returnValue);
        }
      }

      @Override
      public void failed(Job job, Throwable error) {
        failed.incrementAndGet();
        if (!quiet) {
          bridge.event("worker.failed", handle, job.id(), Failure.reason(error));
        }
      }

      @Override
      public void failedBeforeProcessing(Job job, String reason) {
        failed.incrementAndGet();
        bridge.event("worker.failed", handle, job.id(), reason);
      }

      @Override
      public void stalled(String jobId) {
        stalled.incrementAndGet();
        bridge.event("worker.stalled", handle, jobId);
      }

      @Override
      public void error(Throwable error) {
        bridge.event("worker.error", handle, Failure.reason(error));
      }
    };
  }

  private static Processor processor(JsonNode description, Queue queue) {
    var kind = description.get("kind").stringValue();
    return switch (kind) {
      case "noop" -> _ -> null;
      case "echo" -> job -> job.job().data();
      case "fail" ->
          _ -> {
            throw new IllegalStateException("boom");
          };
      case "failN" -> failing(description.get("n").asInt());
      case "sleep" -> sleeping(description.get("ms").asLong());
      case "hang" -> sleeping(Duration.ofHours(1).toMillis());
      case "unrecoverable" ->
          _ -> {
            throw new UnrecoverableJobException("no way");
          };
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
      case "children" -> BridgeWorker::childrenValues;
      case "addChildren" -> job -> addChildren(queue, job);
      case "delayOnce" ->
          job -> {
            if (job.job().attemptsStarted() < 2) {
              throw job.moveToDelayed(Duration.ofMillis(50));
            }
            return job.job().data();
          };
      case "failNamed" ->
          job -> {
            if (job.job().name().equals(description.get("name").stringValue())) {
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

  /** Adds two children where the data says so, and waits for them. */
  private static String addChildren(Queue queue, ActiveJob job) {
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

  private static Processor failing(int times) {
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
