package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What Node's own Queue and Worker classes call instead of Redis: each operation of theirs is one
 * of ours. Jobs keep the token that our source gave them, whichever token Node names.
 */
final class BridgeBackend {
  private final RedisConnections connections;
  private final Queue queue;
  private final Scripts scripts;
  private final JobSource source;
  private final Finisher finisher;
  private final WorkerOptions options;
  private final Map<String, ActiveJob> held = new ConcurrentHashMap<>();

  BridgeBackend(RedisConnections connections, String name, JsonNode options) {
    this.connections = connections;
    this.options = BridgeOptions.worker(options, WorkerListener.NONE);
    queue = new Queue(connections, name, BridgeOptions.queue(options));
    scripts =
        new Scripts(
            connections,
            new Keys(BridgeOptions.prefix(options), name),
            BridgeOptions.compat(options),
            false);
    source = new JobSource(scripts, this.options, job -> held.put(job.id(), job));
    finisher = new Finisher(connections, source);
  }

  @Nullable JsonNode call(String method, JsonNode args) {
    return switch (method) {
      case "addJob" ->
          text(queue.add(job(args).name(), job(args).dataJson(), job(args).options()).id());
      case "addJobs" -> addJobs(args.get(0));
      case "moveToActive" -> fetch();
      case "moveToCompleted" -> {
        var keep = keep(args.get(2), options.removeOnComplete());
        yield finish(
            Finish.completed(held(args.get(0).get("id")), Json.write(args.get(1)), keep),
            args.get(4));
      }
      case "moveToFailed" -> {
        var active = held(args.get(0).get("id"));
        var keep = keep(args.get(2), options.removeOnFail());
        var attempts = active.job().options().attemptsOrZero();
        yield finish(
            Finish.failed(active, args.get(1).stringValue(), keep, attempts, fields(args.path(5))),
            args.get(4));
      }
      case "moveToDelayed" -> {
        var more = args.path(4);
        var delayed =
            Finish.again(
                held(args.get(0)),
                args.get(2).asLong(),
                false,
                fields(more.path("fieldsToUpdate")));
        yield finish(delayed, more.path("fetchNext")).get("result");
      }
      case "retryJob" -> {
        var again =
            Finish.again(
                held(args.get(0)),
                0,
                args.get(1).asBoolean(),
                fields(args.path(3).path("fieldsToUpdate")));
        yield finish(again, Json.tree("false")).get("result");
      }
      case "moveJobFromActiveToWait" -> {
        finish(Finish.handBack(held(args.get(0))), Json.tree("false"));
        yield Json.tree("0");
      }
      case "moveStalledJobsToWait" -> recover();
      case "extendLock" ->
          Json.tree(renew(args.get(2), List.of(args.get(0).stringValue())).isEmpty() ? "1" : "0");
      case "extendLocks" -> {
        var ids = new ArrayList<String>();
        args.get(0).forEach(id -> ids.add(id.stringValue()));
        yield list(renew(args.get(2), ids));
      }
      case "updateProgress" -> update(args.get(0), "progress", Json.write(args.get(1)), "");
      case "addLog" ->
          update(args.get(0), "log", args.get(1).stringValue(), args.path(2).asString(""));
      case "pause" -> {
        if (args.get(0).asBoolean()) {
          queue.pause();
        } else {
          queue.resume();
        }
        yield null;
      }
      case "remove" -> Json.tree(queue.remove(args.get(0).stringValue()) ? "1" : "0");
      case "getState" -> text(queue.state(args.get(0).stringValue()).wireName());
      case "getCounts" -> counts(args.get(0));
      case "publishEvent" -> {
        var fields = new LinkedHashMap<String, String>();
        args.get(0)
            .properties()
            .forEach(field -> fields.put(field.getKey(), field.getValue().asString()));
        var event = fields.remove("event");
        yield text(queue.publishEvent(event == null ? "" : event, fields));
      }
      default -> throw new IllegalArgumentException("unknown operation backend." + method);
    };
  }

  /** The arguments are the job as Node describes it, its id, and keys that its options name too. */
  private static NewJob job(JsonNode args) {
    var job = args.get(0);
    var options = BridgeOptions.job(job.path("opts")).toBuilder();
    var id = args.path(1).asString("");
    return new NewJob(
        job.get("name").stringValue(),
        job.get("data").stringValue(),
        options.jobId(id.isEmpty() ? null : id).build());
  }

  private JsonNode addJobs(JsonNode entries) {
    var jobs = new ArrayList<NewJob>();
    for (var entry : entries) {
      var args = Json.array();
      args.add(entry.get("job"));
      args.add(entry.path("jobId"));
      jobs.add(job(args));
    }
    return list(queue.addBulk(jobs).stream().map(Job::id).toList());
  }

  private JsonNode fetch() {
    source.reclaimLost();
    var taken = source.fetch(1);
    if (!taken.jobs().isEmpty()) {
      return tuple(taken.jobs().getFirst());
    }
    var limit = Math.max(0, taken.limitedUntil() - System.currentTimeMillis());
    return Json.array().addNull().addNull().add(limit).add(taken.nextDue());
  }

  /** Node reads the hash as it is. */
  private JsonNode tuple(ActiveJob active) {
    var hash = Json.object();
    connections.shared().sync().hgetall(scripts.keys().job(active.id())).forEach(hash::put);
    return Json.array().add(hash).add(active.id()).add(0).add(0);
  }

  private JsonNode finish(Finish finish, JsonNode fetchNext) {
    var result = finisher.finish(fetchNext.asBoolean(false) ? finish : finish.withoutFetch());
    var refusal = result.refusal();
    if (refusal != null) {
      throw refusal;
    }
    var next = result.next();
    if (next == null || !next.id().equals(finish.job().id())) {
      held.remove(finish.job().id());
    }
    var shown = Json.object().put("finishedOn", System.currentTimeMillis());
    shown.set("result", next == null ? null : tuple(next));
    return shown;
  }

  private JsonNode recover() {
    var arguments = scripts.arguments(System.currentTimeMillis());
    arguments.add(Integer.toString(options.maxStalledCount()));
    arguments.add(Long.toString(options.stalledInterval().toMillis()));
    var reply = scripts.call(Script.STALLED, arguments);
    return list((List<?>) reply.getFirst());
  }

  private List<?> renew(JsonNode duration, List<String> ids) {
    var arguments = scripts.arguments(System.currentTimeMillis());
    arguments.add(duration.asString());
    for (var id : ids) {
      var active = held.get(id);
      arguments.add(id);
      arguments.add(active == null ? "" : active.token());
    }
    return scripts.call(Script.LOCKS, arguments);
  }

  private JsonNode update(JsonNode id, String what, String value, String keep) {
    var arguments = scripts.arguments(System.currentTimeMillis());
    arguments.addAll(List.of(id.stringValue(), what, value, keep));
    var code = (Long) scripts.call(Script.UPDATE, arguments).getFirst();
    if (code < 0) {
      var command = what.equals("log") ? "addLog" : "updateProgress";
      throw JobOperationException.of(code.intValue(), id.stringValue(), command, null);
    }
    return Json.tree(code.toString());
  }

  private JsonNode counts(JsonNode types) {
    var counts = queue.counts();
    var shown = Json.array();
    for (var type : types) {
      shown.add(
          switch (type.stringValue()) {
            case "wait", "waiting" -> counts.waiting();
            case "active" -> counts.active();
            case "delayed" -> counts.delayed();
            case "prioritized" -> counts.prioritized();
            case "waiting-children" -> counts.waitingChildren();
            case "completed" -> counts.completed();
            case "failed" -> counts.failed();
            default -> 0;
          });
    }
    return shown;
  }

  private ActiveJob held(JsonNode id) {
    var active = held.get(id.stringValue());
    if (active == null) {
      throw JobOperationException.of(-2, id.stringValue(), "moveToFinished", JobState.ACTIVE);
    }
    return active;
  }

  private static KeepJobs keep(JsonNode given, @Nullable KeepJobs otherwise) {
    if (given == null || given.isNull()) {
      return Failure.keep(null, otherwise);
    }
    var options = Json.object();
    options.set("removeOnComplete", given);
    return Failure.keep(JobOptionsJson.read(Json.write(options)).removeOnComplete(), otherwise);
  }

  private static List<String> fields(JsonNode object) {
    var fields = new ArrayList<String>();
    object
        .properties()
        .forEach(field -> {
          fields.add(field.getKey());
          fields.add(field.getValue().asString());
        });
    return fields;
  }

  private static JsonNode list(List<?> values) {
    var list = Json.array();
    values.forEach(value -> list.add(String.valueOf(value)));
    return list;
  }

  private static JsonNode text(String value) {
    return Json.tree(Json.quote(value));
  }
}
