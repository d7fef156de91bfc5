package dev.millrace.bullmq;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Tells {@link Telemetry} of the work on one queue, in the names of Node's BullMQ. Thread-safe. */
final class Tracing {
  private static final Map<Script, String> ADMINISTRATION =
      Map.of(
          Script.FETCH, "getNextJob",
          Script.LOCKS, "extendLocks",
          Script.STALLED, "moveStalledJobsToWait",
          Script.REMOVE, "remove",
          Script.OBLITERATE, "obliterate",
          Script.RETRY, "retry");

  private final Telemetry telemetry;
  private final boolean off;
  private final String queue;

  Tracing(Telemetry telemetry, String queue) {
    this.telemetry = telemetry;
    this.off = telemetry.equals(Telemetry.NONE);
    this.queue = queue;
  }

  /** A script is sent. Those that add and finish jobs are told of per job instead. */
  Telemetry.Span script(Script script, List<String> arguments) {
    if (off) {
      return Telemetry.Span.NONE;
    }
    if (script == Script.PAUSE) {
      var pauses = arguments.get(arguments.size() - 2).equals("1");
      return start(pauses ? "pause" : "resume", null);
    }
    if (script == Script.CLEAN) {
      return start(arguments.getLast().equals("never") ? "drain" : "clean", null);
    }
    if (script == Script.REVIVE_MANY) {
      return start(arguments.contains("delayed") ? "promoteJobs" : "retryJobs", null);
    }
    var name = ADMINISTRATION.get(script);
    return name == null ? Telemetry.Span.NONE : start(name, null);
  }

  /** A job is added. */
  Telemetry.Span add(NewJob job) {
    if (off) {
      return Telemetry.Span.NONE;
    }
    var span = telemetry.start(Telemetry.Kind.PRODUCER, "add", queue + "." + job.name(), null);
    span.attribute("bullmq.queue.name", queue);
    span.attribute("bullmq.queue.operation", "add");
    span.attribute("bullmq.job.name", job.name());
    return span;
  }

  /** Jobs are added together. */
  Telemetry.Span addBulk(List<NewJob> jobs) {
    if (off) {
      return Telemetry.Span.NONE;
    }
    var span = telemetry.start(Telemetry.Kind.PRODUCER, "addBulk", queue, null);
    span.attribute("bullmq.queue.name", queue);
    span.attribute("bullmq.queue.operation", "addBulk");
    span.attribute("bullmq.job.bulk.count", jobs.size());
    span.attribute(
        "bullmq.job.bulk.names", String.join(",", jobs.stream().map(NewJob::name).toList()));
    return span;
  }

  /** Flows are added. */
  Telemetry.Span addFlows(int count) {
    if (off) {
      return Telemetry.Span.NONE;
    }
    var operation = count == 1 ? "addFlow" : "addBulkFlows";
    var span = telemetry.start(Telemetry.Kind.PRODUCER, operation, queue, null);
    span.attribute("bullmq.queue.name", queue);
    span.attribute("bullmq.queue.operation", operation);
    return span;
  }

  /** Returns the job with the context that its processing belongs to, unless it has one. */
  static NewJob carrying(NewJob job, Telemetry.Span span) {
    var context = span.context();
    var options = job.options();
    if (context == null
        || options.telemetryMetadata() != null
        || Boolean.TRUE.equals(options.omitContext())) {
      return job;
    }
    return new NewJob(
        job.name(), job.dataJson(), options.toBuilder().telemetryMetadata(context).build());
  }

  /** Lets a processor run inside a span whose parent is whatever added the job. */
  Processor processing(Processor processor, String worker) {
    if (off) {
      return processor;
    }
    return active -> {
      try (var span = process(active.job(), worker)) {
        active.traceContext(span.context());
        try (var _ = span.enter()) {
          return processor.process(active);
        } catch (JobMovedException e) {
          // Nothing failed: the job goes on elsewhere.
          throw e;
        } catch (Throwable e) {
          span.attribute("bullmq.job.failed.reason", Failure.reason(e));
          span.failed(e);
          throw e;
        }
      }
    };
  }

  /** An attempt's end is on its way to Redis. */
  <T extends JobSource.Finished> CompletableFuture<T> finish(
      Finish finish, CompletableFuture<T> reply) {
    if (off) {
      return reply;
    }
    var outcome = outcome(finish.mode());
    var span = start(operation(outcome), finish.job().traceContext());
    describe(span, finish.job().job());
    return reply.whenComplete((finished, error) -> {
      if (error != null) {
        span.failed(RedisErrors.unwrap(error));
      } else if (finished.code() == 0) {
        var took = Duration.ofNanos(System.nanoTime() - finish.job().takenNanos());
        telemetry.ended(finish.job().job(), outcome, took);
      }
      span.close();
    });
  }

  /** Closes a span when a call ends, whichever way. */
  static <T> CompletableFuture<T> closing(Telemetry.Span span, CompletableFuture<T> reply) {
    if (span.equals(Telemetry.Span.NONE)) {
      return reply;
    }
    return reply.whenComplete((result, error) -> {
      if (error != null) {
        span.failed(RedisErrors.unwrap(error));
      } else if (result instanceof Job job) {
        span.attribute("bullmq.job.id", job.id());
      }
      span.close();
    });
  }

  private Telemetry.Span process(Job job, String worker) {
    var options = job.options();
    var parent = Boolean.TRUE.equals(options.omitContext()) ? null : options.telemetryMetadata();
    var span = telemetry.start(Telemetry.Kind.CONSUMER, "process", queue, parent);
    span.attribute("bullmq.queue.operation", "process");
    describe(span, job);
    if (!worker.isEmpty()) {
      span.attribute("bullmq.worker.name", worker);
    }
    span.attribute("bullmq.job.attempts.made", job.attemptsMade());
    var processedOn = job.processedOn();
    if (processedOn != null) {
      span.attribute("bullmq.job.processed.timestamp", processedOn);
    }
    return span;
  }

  private void describe(Telemetry.Span span, Job job) {
    span.attribute("bullmq.queue.name", queue);
    span.attribute("bullmq.job.id", job.id());
    span.attribute("bullmq.job.name", job.name());
  }

  private Telemetry.Span start(String name, @Nullable String parent) {
    var span = telemetry.start(Telemetry.Kind.INTERNAL, name, queue, parent);
    span.attribute("bullmq.queue.name", queue);
    span.attribute("bullmq.queue.operation", name);
    return span;
  }

  private static Telemetry.Outcome outcome(Finish.Mode mode) {
    return switch (mode) {
      case COMPLETED -> Telemetry.Outcome.COMPLETED;
      case FAILED -> Telemetry.Outcome.FAILED;
      case RETRY -> Telemetry.Outcome.RETRIED;
      case DELAY -> Telemetry.Outcome.DELAYED;
      case WAIT -> Telemetry.Outcome.WAITING;
    };
  }

  private static String operation(Telemetry.Outcome outcome) {
    return switch (outcome) {
      case COMPLETED -> "complete";
      case FAILED -> "fail";
      case RETRIED -> "retry";
      case DELAYED -> "delay";
      case WAITING -> "moveToWait";
      case WAITING_CHILDREN -> "moveToWaitingChildren";
    };
  }
}
