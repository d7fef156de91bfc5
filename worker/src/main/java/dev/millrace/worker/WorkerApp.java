package dev.millrace.worker;

import dev.millrace.bullmq.Compat;
import dev.millrace.bullmq.Job;
import dev.millrace.bullmq.QueueEvent;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.bullmq.Worker;
import dev.millrace.bullmq.WorkerListener;
import dev.millrace.bullmq.WorkerOptions;
import dev.millrace.cluster.ServiceSplit;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.documents.DocumentUpsertTask;
import dev.millrace.platform.events.EventPublisher;
import dev.millrace.platform.flows.LibraryStore;
import dev.millrace.platform.history.JobHistory;
import dev.millrace.platform.history.JobHistoryStore;
import dev.millrace.platform.node.Consumers.WatchedQueue;
import dev.millrace.platform.node.Leader;
import dev.millrace.platform.node.Node;
import dev.millrace.platform.prediction.Changes;
import dev.millrace.platform.prediction.FleetWatch;
import dev.millrace.platform.prediction.FlowJobs;
import dev.millrace.platform.prediction.PredictionQueue;
import dev.millrace.platform.prediction.PredictionRuntime;
import dev.millrace.platform.process.Shutdown;
import dev.millrace.platform.schedules.QueueBeat;
import dev.millrace.platform.schedules.ScheduleStore;
import dev.millrace.platform.schedules.ScheduledRuns;
import dev.millrace.platform.settings.Settings;
import dev.millrace.platform.tasks.FlowExportTask;
import dev.millrace.platform.tasks.FlowImportTask;
import dev.millrace.platform.tasks.TaskRunner;
import dev.millrace.platform.tasks.TaskSweep;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Puts together what takes jobs on a node: the only place where its parts are wired. */
public final class WorkerApp {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerApp.class);

  /** An idle worker asks every 5 s; three times nothing means that it has stopped consuming. */
  private static final Duration FETCH_LIMIT = Duration.ofSeconds(15);

  private final Node node;
  private final Settings settings;
  private final Shutdown shutdown;
  private final Clock clock;
  private final JsonMapper json;

  private WorkerApp(Node node) {
    this.node = node;
    this.settings = node.settings();
    this.shutdown = node.shutdown();
    this.clock = node.clock();
    this.json = node.json();
  }

  /** Serves those services that the node is there for; returns once jobs are taken. */
  public static void serve(Node node) throws InterruptedException {
    new WorkerApp(node).serve();
  }

  private void serve() throws InterruptedException {
    var types = node.tasks().types();
    types.add(new FlowExportTask(node.flows()), "millrace");
    var schedules = node.schedules();
    var library = new LibraryStore(node.database());
    types.add(new FlowImportTask(node.flows(), library, schedules::saved), "millrace");
    types.add(
        new DocumentUpsertTask(
            node.database(),
            node.runtime().vectors(),
            node.credentials(),
            node.runtime().files(),
            node.cluster().locks()),
        "millrace");
    node.announcement()
        .watch(
            new WatchedQueue(
                "async-tasks", ServiceSplit.ASYNC_TASK, node.tasks()::pending, () -> false));
    if (node.serving(ServiceSplit.ASYNC_TASK)) {
      serveTasks();
      node.doJobs();
    }
    node.connect();
    node.redis()
        .ifPresent(redis -> {
          watch(redis, PredictionQueue.name(settings.queue().name()));
          watch(redis, QueueBeat.queueName(settings.queue().name()));
          if (node.serving(ServiceSplit.WORKFLOW)) {
            serveWorkflows(redis);
          }
        });
  }

  private void serveTasks() {
    var cluster = node.cluster();
    var id = node.announcement().facts().id();
    var settings = this.settings.tasks();
    var runner =
        shutdown.add(
            "background tasks",
            new TaskRunner(
                node.database(),
                id,
                settings.concurrency(),
                node.tasks().types(),
                node.taskEvents(),
                cluster.events(),
                cluster.pubSub(),
                json));
    node.announcement().load("activeTasks", runner::active);
    node.announcement().load("finishedTasks", runner::finished);
    var sweep =
        new TaskSweep(
            node.database(), id, node.tasks(), node.taskEvents(), settings.retention(), json);
    var leader =
        shutdown.add(
            "scheduler", new Leader(cluster.locks(), "scheduler").does("the look at tasks", sweep));
    node.atBegin(leader::start);
  }

  private void watch(RedisConnections redis, String name) {
    var queue = node.queue(redis, name);
    node.announcement()
        .watch(
            new WatchedQueue(
                name,
                ServiceSplit.WORKFLOW,
                () -> queue.counts().waiting() + queue.counts().prioritized(),
                () ->
                    queue.workers().stream()
                        .anyMatch(worker -> !worker.name().equals(FleetWatch.NAME))));
  }

  private void serveWorkflows(RedisConnections redis) {
    var runtime = node.runtime();
    var publisher = shutdown.add("events", new EventPublisher(redis.dedicated("millrace-events")));
    var history =
        shutdown.add("history", new JobHistory(new JobHistoryStore(node.database()), clock));
    var queue = settings.queue();
    var name = PredictionQueue.name(queue.name());
    var events = node.predictionEvents(redis);
    // They live as long as the reader.
    var _ = events.subscribe(Set.of(PredictionQueue.ABORT_EVENT), event -> abort(runtime, event));
    if (!node.serving()) {
      var _ = Changes.subscribe(events, "credential", node.credentials()::invalidate);
    }
    var options =
        WorkerOptions.builder()
            .name(FleetWatch.NAME)
            .concurrency(queue.concurrency())
            .lockDuration(queue.lockDuration())
            .stalledInterval(queue.stalledInterval())
            // Flowise's servers and workers are of BullMQ 5.45 and share the queue with ours.
            .compat(Compat.V5)
            .eagerFail(true)
            .listener(new Listener(runtime, history))
            .build();
    var handler = new PredictionHandler(runtime.runner(), publisher, json);
    var finished = new LongAdder();
    var worker =
        Worker.start(
            redis,
            name,
            job -> {
              var answer = handler.process(job);
              finished.increment();
              return answer;
            },
            options);
    shutdown.add("worker", () -> worker.stop(queue.shutdownTimeout()));
    node.announcement().load("activePredictions", worker::activeCount);
    node.announcement().load("finishedPredictions", finished::sum);
    serveSchedules(redis, runtime, history);
    node.health()
        .check(
            "queue",
            () -> worker.lastFetch().isAfter(clock.instant().minus(FETCH_LIMIT)),
            "no job was asked for in the last " + FETCH_LIMIT.toSeconds() + " s");
  }

  private void serveSchedules(
      RedisConnections redis, PredictionRuntime runtime, JobHistory history) {
    var queue = settings.queue();
    var name = QueueBeat.queueName(queue.name());
    var runs =
        new ScheduledRuns(
            new ScheduleStore(node.database(), clock),
            node.flows(),
            new FlowJobs(new Workspaces(node.database()), json),
            runtime.runner(),
            clock,
            json);
    var beat = new QueueBeat(node.queue(redis, name), clock, json);
    var options =
        WorkerOptions.builder()
            .name(FleetWatch.NAME)
            .concurrency(queue.concurrency())
            .lockDuration(queue.lockDuration())
            .stalledInterval(queue.stalledInterval())
            .compat(Compat.V5)
            .listener(history)
            .build();
    var worker = Worker.start(redis, name, new ScheduleHandler(runs, beat, json), options);
    shutdown.add("scheduled runs", () -> worker.stop(queue.shutdownTimeout()));
    node.announcement().load("activeScheduledRuns", worker::activeCount);
  }

  private static void abort(PredictionRuntime runtime, QueueEvent event) {
    PredictionQueue.readAbort(event)
        .ifPresent(abort -> runtime.aborts().abort(abort.key(), abort.runId(), abort.at()));
  }

  /** Says in the log what the queue does, and ends runs that it failed without us. */
  private final class Listener implements WorkerListener {
    private final PredictionRuntime runtime;
    private final JobHistory history;

    Listener(PredictionRuntime runtime, JobHistory history) {
      this.runtime = runtime;
      this.history = history;
    }

    @Override
    public void completed(Job job, String returnValue) {
      history.completed(job, returnValue);
    }

    @Override
    public void failed(Job job, Throwable error) {
      history.failed(job, error);
      LOG.info("job {} failed: {}", job.id(), error.getMessage());
    }

    @Override
    public void failedBeforeProcessing(Job job, String reason) {
      history.failedBeforeProcessing(job, reason);
      LOG.warn("job {} failed before it was run: {}", job.id(), reason);
      var run = PredictionHandler.parse(job, json).ids().runId();
      if (runtime.runs().markInterrupted(run, reason)) {
        LOG.warn("execution {} of job {} was marked as failed", run, job.id());
      }
    }

    @Override
    public void stalled(String jobId) {
      LOG.warn("job {} was taken from a worker that is gone", jobId);
    }

    @Override
    public void lockLost(Job job) {
      LOG.warn("job {} is no longer ours: its lock was lost", job.id());
    }

    @Override
    public void error(Throwable error) {
      LOG.warn("the queue is not reachable as it should be: {}", error.getMessage());
    }
  }
}
