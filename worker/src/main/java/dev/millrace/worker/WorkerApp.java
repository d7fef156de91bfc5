package dev.millrace.worker;

import dev.millrace.bullmq.Compat;
import dev.millrace.bullmq.Job;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueEvent;
import dev.millrace.bullmq.QueueEvents;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.bullmq.Worker;
import dev.millrace.bullmq.WorkerListener;
import dev.millrace.bullmq.WorkerOptions;
import dev.millrace.cluster.ServiceSplit;
import dev.millrace.platform.credentials.CredentialStore;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.DatabaseTarget;
import dev.millrace.platform.db.KeyCheck;
import dev.millrace.platform.db.Migrations;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.embedded.EmbeddedStores;
import dev.millrace.platform.events.EventPublisher;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.health.Health;
import dev.millrace.platform.health.HealthServer;
import dev.millrace.platform.history.JobHistory;
import dev.millrace.platform.history.JobHistoryStore;
import dev.millrace.platform.prediction.Changes;
import dev.millrace.platform.prediction.FleetWatch;
import dev.millrace.platform.prediction.FlowJobs;
import dev.millrace.platform.prediction.FlowTexts;
import dev.millrace.platform.prediction.PredictionJob;
import dev.millrace.platform.prediction.PredictionQueue;
import dev.millrace.platform.prediction.PredictionRuntime;
import dev.millrace.platform.prediction.SharedFlows;
import dev.millrace.platform.process.Patience;
import dev.millrace.platform.process.Shutdown;
import dev.millrace.platform.redis.RedisTarget;
import dev.millrace.platform.schedules.QueueBeat;
import dev.millrace.platform.schedules.ScheduleStore;
import dev.millrace.platform.schedules.ScheduledRuns;
import dev.millrace.platform.secrets.CredentialCipher;
import dev.millrace.platform.secrets.EncryptionKey;
import dev.millrace.platform.settings.RedisSettings;
import dev.millrace.platform.settings.Settings;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Puts a worker process together: the only place where its parts are wired. */
final class WorkerApp {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerApp.class);
  private static final Duration STORE_PATIENCE = Duration.ofSeconds(60);
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(2);

  /** An idle worker asks every 5 s; three times nothing means that it has stopped consuming. */
  private static final Duration FETCH_LIMIT = Duration.ofSeconds(15);

  /** Of all the events only aborts and changes are for us: they may be that late. */
  private static final Duration EVENTS_REST = Duration.ofMillis(50);

  private final Settings settings;
  private final Shutdown shutdown;
  private final Clock clock = Clock.systemUTC();
  private final JsonMapper json = JsonMapper.shared();
  private final Health.Builder health = Health.builder();

  private WorkerApp(Settings settings, Shutdown shutdown) {
    this.settings = settings;
    this.shutdown = shutdown;
  }

  /** Opens the worker; returns once it takes jobs. */
  static void open(Settings settings, Shutdown shutdown) throws Exception {
    new WorkerApp(settings, shutdown).open();
  }

  private void open() throws Exception {
    var given = settings.workerMode();
    var split =
        ServiceSplit.parse(
            given == null ? "*" : given, Set.of(ServiceSplit.WORKFLOW, ServiceSplit.ASYNC_TASK));
    var addresses = EmbeddedStores.await(settings, STORE_PATIENCE);
    var database =
        shutdown.add(
            "database", Database.open(DatabaseTarget.of(addresses.database(), "millrace-worker")));
    Patience.untilDatabaseAnswers(STORE_PATIENCE, () -> Migrations.run(database));
    health.check("postgres", () -> database.ping(CHECK_LIMIT), "PostgreSQL does not answer");
    var key = EncryptionKey.findOrCreate(settings.secrets());
    KeyCheck.sharesKey(database, key.fingerprint(), key.origin());
    var credentials = new CredentialStore(database, new CredentialCipher(key), clock);
    var redisSettings = addresses.redis();
    if (redisSettings == null) {
      throw new IllegalStateException(
          "a worker needs Redis: set MODE=queue, and REDIS_URL unless it runs on the server's"
              + " machine");
    }
    var redis = connect(redisSettings);
    if (split.serving(ServiceSplit.WORKFLOW)) {
      serveWorkflows(redis, database, credentials);
    }
    var server =
        shutdown.add("health", new HealthServer(settings.http().workerPort(), health.build()));
    LOG.info(
        "Millrace worker takes jobs of {} (health on port {})",
        settings.queue().name(),
        server.port());
  }

  private RedisConnections connect(RedisSettings address) {
    var target = new RedisTarget(address);
    var redis =
        shutdown.add("redis", RedisConnections.connect(target.uri(), target.clientOptions()));
    health.check("redis", () -> redis.ping(CHECK_LIMIT), "Redis does not answer");
    return redis;
  }

  private void serveWorkflows(
      RedisConnections redis, Database database, CredentialStore credentials) {
    var runtime =
        shutdown.add(
            "runs",
            new PredictionRuntime(
                settings, database, credentials, flowTexts(redis, database), clock, json));
    var publisher = shutdown.add("events", new EventPublisher(redis.dedicated("millrace-events")));
    var history = shutdown.add("history", new JobHistory(new JobHistoryStore(database), clock));
    var queue = settings.queue();
    var name = PredictionQueue.name(queue.name());
    var events =
        shutdown.add(
            "queue events",
            QueueEvents.open(redis, name, QueueOptions.DEFAULT.prefix(), EVENTS_REST));
    // Both live as long as the reader.
    var _ = events.subscribe(Set.of(PredictionQueue.ABORT_EVENT), event -> abort(runtime, event));
    var _ = Changes.subscribe(events, "credential", credentials::invalidate);
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
    var worker = Worker.start(redis, name, handler, options);
    shutdown.add("worker", () -> worker.stop(queue.shutdownTimeout()));
    serveSchedules(redis, database, runtime, history);
    health.check(
        "queue",
        () -> worker.lastFetch().isAfter(clock.instant().minus(FETCH_LIMIT)),
        "no job was asked for in the last " + FETCH_LIMIT.toSeconds() + " s");
  }

  private void serveSchedules(
      RedisConnections redis, Database database, PredictionRuntime runtime, JobHistory history) {
    var queue = settings.queue();
    var name = QueueBeat.queueName(queue.name());
    var runs =
        new ScheduledRuns(
            new ScheduleStore(database, clock),
            new ChatFlowStore(database, clock),
            new FlowJobs(new Workspaces(database), json),
            runtime.runner(),
            clock,
            json);
    var beat = new QueueBeat(new Queue(redis, name, QueueOptions.DEFAULT), clock, json);
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
    shutdown.add("schedules", () -> worker.stop(queue.shutdownTimeout()));
  }

  /** Where the texts of flows are that jobs only refer to. */
  private FlowTexts flowTexts(RedisConnections redis, Database database) {
    var shared = new SharedFlows(redis);
    var stored = new ChatFlowStore(database, clock);
    return (flowId, hash) ->
        shared
            .find(hash)
            .or(() -> stored.find(flowId).map(ChatFlow::toJson).map(PredictionJob::rowJson));
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
