package dev.millrace.platform.tasks;

import dev.millrace.cluster.Payload;
import dev.millrace.cluster.Subscription;
import dev.millrace.cluster.events.EventConsumer;
import dev.millrace.cluster.events.EventContext;
import dev.millrace.cluster.events.EventQueue;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.tasks.RunningTask.End;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import tools.jackson.databind.json.JsonMapper;

/** Runs tasks on a node that serves {@code async-task:process}. Thread-safe. */
public final class TaskRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskRunner.class);
  private static final Duration BEAT = Duration.ofSeconds(2);
  private static final int LONGEST_MESSAGE = 2_000;

  private final TaskClaims claims;
  private final TaskTypes types;
  private final TaskEvents events;
  private final JsonMapper json;
  private final Map<UUID, RunningTask> running = new ConcurrentHashMap<>();
  private final LongAdder finished = new LongAdder();
  private final Subscription work;
  private final Subscription cancels;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("tasks").factory());

  /**
   * Starts taking tasks.
   *
   * @param node the id of this process
   * @param concurrency how many tasks run here at once; 0 runs none
   */
  public TaskRunner(
      Database database,
      UUID node,
      int concurrency,
      TaskTypes types,
      TaskEvents events,
      EventQueue queue,
      PubSub pubSub,
      JsonMapper json) {
    this.claims = new TaskClaims(database, node, json);
    this.types = types;
    this.events = events;
    this.json = json;
    this.cancels = pubSub.subscribe(Tasks.CANCEL, this::cancelled);
    this.work =
        queue.subscribe(
            Tasks.QUEUE,
            EventConsumer.of(this::process)
                .withConcurrency(Math.max(1, concurrency))
                .withIdle(() -> running.size() < concurrency));
    var _ = timer.scheduleWithFixedDelay(this::renew, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Returns how many tasks run here. */
  public int active() {
    return running.size();
  }

  /** Returns how many tasks ended here since the start, however they did. */
  public long finished() {
    return finished.sum();
  }

  /** Takes no more tasks, and gives those back that run. */
  @Override
  public void close() {
    work.close();
    cancels.close();
    running.values().forEach(task -> task.cancel(End.NODE_STOPS));
    timer.shutdown();
  }

  private void cancelled(Payload message) {
    var id = message.as(UUID.class);
    var task = id == null ? null : running.get(id);
    if (task != null) {
      LOG.info("task {} was cancelled", id);
      task.cancel(End.GONE);
    }
  }

  private void process(Payload message, EventContext context) {
    var ring = message.as(Tasks.Ring.class);
    if (ring == null) {
      return;
    }
    claims
        .claim(ring.id())
        .ifPresent(claim -> {
          MDC.put("requestId", claim.task().request().requestId());
          MDC.put("task", ring.id().toString());
          try {
            run(claim, context);
          } finally {
            MDC.remove("requestId");
            MDC.remove("task");
          }
        });
  }

  private void run(TaskClaims.Claim claim, EventContext context) {
    var id = claim.task().id();
    var task = new RunningTask(claim, this::progress);
    running.put(id, task);
    context.signal().onCancel(() -> task.cancel(End.NODE_STOPS));
    events.moved(id);
    LOG.info(
        "task {} ({}) begins, request {}",
        id,
        claim.task().request().type(),
        claim.task().request().requestId());
    try {
      String result = null;
      Exception failure = null;
      try {
        result = body(claim, task);
      } catch (Exception e) {
        failure = e;
      }
      settle(task, result, failure);
    } finally {
      running.remove(id);
      finished.increment();
      events.moved(id);
    }
  }

  private @Nullable String body(TaskClaims.Claim claim, RunningTask task) throws Exception {
    var request = claim.task().request();
    var type =
        types
            .find(request.type())
            .orElseThrow(() ->
                new IllegalStateException(
                    "this node does not know the task type "
                        + request.type()
                        + "; a plugin is missing here that the node which took the task has"));
    var result = type.run(request.params(), task);
    task.throwIfCancelled();
    return result == null ? null : result.toString();
  }

  private void settle(RunningTask task, @Nullable String result, @Nullable Exception failure) {
    var end = task.over();
    // A cancellation set it, perhaps one that came too late to matter; what follows must not see
    // it.
    var _ = Thread.interrupted();
    task.flush();
    var claim = task.claim();
    if (end == End.NODE_STOPS) {
      claims.giveBack(claim);
      LOG.info("task {} was given back, as this node stops", task.id());
    } else if (end == End.GONE) {
      LOG.info("task {} ended early", task.id());
    } else if (failure instanceof CancellationException) {
      claims.finish(claim, TaskState.CANCELED, null, null);
    } else if (failure != null) {
      LOG.warn("task {} failed", task.id(), failure);
      claims.finish(claim, TaskState.FAILED, failureJson(failure), null);
    } else if (!claims.finish(claim, TaskState.SUCCEEDED, result, task.file())) {
      LOG.warn("the result of task {} was not kept: it is no longer this node's", task.id());
    }
  }

  private String failureJson(Exception failure) {
    var message =
        failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    var shown =
        message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE) : message;
    return json.createObjectNode().put("message", shown).toString();
  }

  private void progress(TaskClaims.Claim claim, double current, double total) {
    if (claims.progress(claim, current, total)) {
      events.moved(claim.task().id());
    }
  }

  /** Says that this node is at work; ends what is no longer its own, and writes late progress. */
  private void renew() {
    try {
      var tasks = running.values();
      if (tasks.isEmpty()) {
        return;
      }
      tasks.forEach(RunningTask::flush);
      for (var lost : claims.renew(tasks.stream().map(RunningTask::claim).toList())) {
        var task = running.get(lost);
        if (task != null) {
          task.cancel(End.GONE);
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("this node cannot say that it is at work on tasks: {}", e.getMessage());
    }
  }
}
