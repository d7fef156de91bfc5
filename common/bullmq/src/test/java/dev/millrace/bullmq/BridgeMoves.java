package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/** The operations of a backend that begin and end attempts. */
final class BridgeMoves {
  private static final String NO_LOCK = "0";
  private static final int ONE_IF_DONE = -1;

  private final BridgeBackend backend;
  private final BridgeKeep keep;

  BridgeMoves(BridgeBackend backend) {
    this.backend = backend;
    keep = new BridgeKeep(backend.options);
  }

  Map<String, BridgeOperation> operations() {
    return Map.of(
        "moveToActive", this::moveToActive,
        "moveToCompleted", this::moveToCompleted,
        "moveToFailed", this::moveToFailed,
        "moveToDelayed", this::moveToDelayed,
        "moveToWaitingChildren", this::moveToWaitingChildren,
        "moveJobFromActiveToWait", this::moveJobFromActiveToWait,
        "retryJob", this::retryJob,
        "extendLock", this::extendLock,
        "extendLocks", this::extendLocks);
  }

  private CompletableFuture<JsonNode> moveToActive(BridgeArgs args) {
    backend.clock.askedForJobs();
    var name = args.text(1, "");
    return backend
        .script(Script.FETCH, worker(1, args.text(0), name).toArray(String[]::new))
        .thenApply(taken -> next(taken, name));
  }

  /** Returns take.lua's worker. */
  private List<String> worker(int count, String token, String name) {
    var o = backend.options;
    return List.of(
        Integer.toString(count),
        token,
        Long.toString(o.lockDuration()),
        name,
        o.max() == null ? "" : o.max().toString(),
        o.duration() == null ? "" : o.duration().toString(),
        o.metrics() == null ? "" : o.metrics().toString());
  }

  /** Returns {@code [job or null, id, rate limit in ms, when the next job is due]}. */
  private JsonNode next(List<?> taken, String workerName) {
    var jobs = (List<?>) taken.getFirst();
    var tuple = Json.array();
    backend.clock.told((Long) taken.get(2));
    if (jobs.isEmpty()) {
      return tuple.addNull().add(0).add((Long) taken.get(1)).add((Long) taken.get(2));
    }
    var pair = (List<?>) jobs.getFirst();
    var id = String.valueOf(pair.getFirst());
    var job = BridgeJobJson.ofHash(id, (List<?>) pair.get(1));
    if (!workerName.isEmpty()) {
      job.put("processedBy", workerName);
    }
    return tuple.add(job).add(id).add(0).add(0);
  }

  private CompletableFuture<JsonNode> moveToCompleted(BridgeArgs args) {
    var job = args.at(0);
    var id = BridgeArgs.text(job.path("id"));
    var value = args.has(1) ? Json.write(args.at(1)) : "null";
    var end =
        new End(id, args.text(3, NO_LOCK), "completed", value).keeping(keep.completed(args.at(2)));
    return finished(end, args.flag(4));
  }

  private CompletableFuture<JsonNode> moveToFailed(BridgeArgs args) {
    var job = args.at(0);
    var id = BridgeArgs.text(job.path("id"));
    var end =
        new End(id, args.text(3, NO_LOCK), "failed", args.text(1, "null"))
            .keeping(keep.failed(args.at(2)))
            .attempts(BridgeArgs.number(job.path("opts").path("attempts"), 0))
            .fields(args.at(5));
    return finished(end, args.flag(4));
  }

  private CompletableFuture<JsonNode> finished(End end, boolean fetchNext) {
    var now = backend.clock.now();
    return end(now, end, "moveToFinished", fetchNext)
        .thenApply(next -> {
          var reply = Json.object().put("finishedOn", now);
          reply.set("result", next);
          return reply;
        });
  }

  private CompletableFuture<JsonNode> moveToDelayed(BridgeArgs args) {
    var now = args.number(1, backend.clock.now());
    backend.clock.saw(now);
    var more = args.at(4);
    var end =
        new End(args.text(0), args.text(3, NO_LOCK), "delay", "")
            .delay(args.number(2, 0))
            .keepingAttempts(BridgeArgs.flag(more.path("skipAttempt")))
            .fields(more.path("fieldsToUpdate"));
    return end(now, end, "moveToDelayed", BridgeArgs.flag(more.path("fetchNext")))
        .thenApply(next -> next.path(0).isObject() ? next : Json.tree("null"));
  }

  private CompletableFuture<JsonNode> retryJob(BridgeArgs args) {
    var end =
        new End(args.text(0), args.text(2, NO_LOCK), "retry", "")
            .front(args.flag(1))
            .fields(args.at(3).path("fieldsToUpdate"));
    return end(backend.clock.now(), end, "retryJob", false).thenApply(_ -> Json.tree("null"));
  }

  /** Ends an attempt. Returns the next job's tuple, null if there is nothing to tell. */
  private CompletableFuture<JsonNode> end(long now, End end, String command, boolean fetchNext) {
    var name = backend.options.name();
    var fetching = fetchNext && !backend.isClosing();
    var further = new ArrayList<>(worker(fetching ? ONE_IF_DONE : 0, end.token, name));
    end.addArguments(further);
    return backend
        .scriptAt(now, Script.FINISH, further)
        .thenApply(reply -> {
          var code = ((Long) ((List<?>) reply.getFirst()).getFirst()).intValue();
          if (code < 0) {
            throw JobOperationException.of(code, end.id, command, JobState.ACTIVE);
          }
          var taken = (List<?>) reply.get(1);
          var nothing = !fetching || isNothing(taken);
          return nothing ? Json.tree("null") : next(taken, name);
        });
  }

  private static boolean isNothing(List<?> taken) {
    return ((List<?>) taken.getFirst()).isEmpty()
        && (Long) taken.get(1) == 0
        && (Long) taken.get(2) == 0;
  }

  private CompletableFuture<JsonNode> moveToWaitingChildren(BridgeArgs args) {
    var child = args.at(2).path("child");
    var key =
        child.isObject()
            ? BridgeArgs.field(child, "queue") + ":" + BridgeArgs.field(child, "id")
            : "";
    return step(args.text(0), args.text(1, NO_LOCK), "moveToWaitingChildren", "children", key)
        .thenApply(reply -> BridgeArgs.json(reply == 0));
  }

  private CompletableFuture<JsonNode> moveJobFromActiveToWait(BridgeArgs args) {
    return step(args.text(0), args.text(1, NO_LOCK), "moveJobFromActiveToWait", "wait", "")
        .thenApply(BridgeArgs::json);
  }

  private CompletableFuture<Long> step(
      String id, String token, String command, String what, String value) {
    return backend.checked(id, command, JobState.ACTIVE, Script.STEP, id, token, what, value);
  }

  private CompletableFuture<JsonNode> extendLock(BridgeArgs args) {
    return backend
        .script(Script.LOCKS, millis(args), args.text(0), args.text(1))
        .thenApply(lost -> BridgeArgs.json(lost.isEmpty() ? 1 : 0));
  }

  private CompletableFuture<JsonNode> extendLocks(BridgeArgs args) {
    var ids = args.texts(0);
    var tokens = args.texts(1);
    var further = new ArrayList<String>();
    further.add(millis(args));
    for (var i = 0; i < ids.size(); i++) {
      further.add(ids.get(i));
      further.add(tokens.get(i));
    }
    return backend.scriptAt(backend.clock.now(), Script.LOCKS, further).thenApply(BridgeArgs::json);
  }

  private String millis(BridgeArgs args) {
    return Long.toString(args.number(2, backend.options.lockDuration()));
  }

  /** What finish.lua is told of the end of one attempt; built in steps, by one thread. */
  private static final class End {
    private final String id;
    private final String token;
    private final String mode;
    private final String value;
    private KeepJobs keep = KeepJobs.ALL;
    private long attempts;
    private long delay;
    private boolean front;
    private boolean keepsAttempts;
    private final List<String> fields = new ArrayList<>();

    End(String id, String token, String mode, String value) {
      this.id = id;
      this.token = token;
      this.mode = mode;
      this.value = value;
    }

    End keeping(KeepJobs policy) {
      keep = policy;
      return this;
    }

    End attempts(long number) {
      attempts = number;
      return this;
    }

    End delay(long millis) {
      delay = millis;
      return this;
    }

    End front(boolean flag) {
      front = flag;
      return this;
    }

    End keepingAttempts(boolean flag) {
      keepsAttempts = flag;
      return this;
    }

    End fields(JsonNode object) {
      for (var field : object.properties()) {
        if (!field.getValue().isNull()) {
          fields.add(field.getKey());
          fields.add(BridgeArgs.text(field.getValue()));
        }
      }
      return this;
    }

    void addArguments(List<String> to) {
      to.addAll(List.of(id, token, mode, value));
      to.add(Finish.settings(keep, attempts, delay, front, keepsAttempts, ""));
      to.add(Integer.toString(fields.size() / 2));
      to.addAll(fields);
    }
  }
}
