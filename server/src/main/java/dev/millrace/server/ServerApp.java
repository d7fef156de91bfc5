package dev.millrace.server;

import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueEvents;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.cluster.ServiceSplit;
import dev.millrace.platform.apikeys.ApiKeyStore;
import dev.millrace.platform.credentials.CredentialStore;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.DatabaseTarget;
import dev.millrace.platform.db.KeyCheck;
import dev.millrace.platform.db.Migrations;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.embedded.EmbeddedStores;
import dev.millrace.platform.events.EventSubscriber;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.flows.WebhookSecrets;
import dev.millrace.platform.health.Health;
import dev.millrace.platform.history.JobHistoryStore;
import dev.millrace.platform.prediction.Changes;
import dev.millrace.platform.prediction.DirectDispatcher;
import dev.millrace.platform.prediction.FleetWatch;
import dev.millrace.platform.prediction.FlowCarriage;
import dev.millrace.platform.prediction.FlowJobs;
import dev.millrace.platform.prediction.FlowTexts;
import dev.millrace.platform.prediction.PredictionDispatcher;
import dev.millrace.platform.prediction.PredictionQueue;
import dev.millrace.platform.prediction.PredictionRuntime;
import dev.millrace.platform.prediction.QueueDispatcher;
import dev.millrace.platform.prediction.SharedFlows;
import dev.millrace.platform.process.Patience;
import dev.millrace.platform.process.Shutdown;
import dev.millrace.platform.redis.RedisTarget;
import dev.millrace.platform.runs.ExecutionStore;
import dev.millrace.platform.schedules.LocalBeat;
import dev.millrace.platform.schedules.QueueBeat;
import dev.millrace.platform.schedules.ScheduleStore;
import dev.millrace.platform.schedules.ScheduledRuns;
import dev.millrace.platform.schedules.Schedules;
import dev.millrace.platform.secrets.CredentialCipher;
import dev.millrace.platform.secrets.EncryptionKey;
import dev.millrace.platform.settings.Mode;
import dev.millrace.platform.settings.RedisSettings;
import dev.millrace.platform.settings.Settings;
import dev.millrace.server.api.ChatFlowApi;
import dev.millrace.server.api.CredentialApi;
import dev.millrace.server.api.ExecutionApi;
import dev.millrace.server.api.HealthApi;
import dev.millrace.server.api.PingApi;
import dev.millrace.server.api.PredictionApi;
import dev.millrace.server.api.PredictionRequests;
import dev.millrace.server.api.ScheduleApi;
import dev.millrace.server.api.WebhookApi;
import dev.millrace.server.api.WebhookCallbacks;
import dev.millrace.server.dashboard.Dashboards;
import dev.millrace.server.http.ApiErrors;
import dev.millrace.server.http.Authentication;
import dev.millrace.server.http.Cors;
import dev.millrace.server.http.HttpServer;
import io.javalin.config.RoutesConfig;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Puts the server process together: the only place where its parts are wired. */
final class ServerApp {
  private static final Logger LOG = LoggerFactory.getLogger(ServerApp.class);
  private static final Duration DATABASE_PATIENCE = Duration.ofSeconds(30);
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(2);

  private final Settings settings;
  private final Shutdown shutdown;
  private final Clock clock = Clock.systemUTC();
  private final JsonMapper json = JsonMapper.shared();
  private final Health.Builder health = Health.builder();
  // What other processes are told of a change of theirs; nobody in MODE=main.
  private Consumer<String> flowChanged = id -> {};
  private Consumer<String> credentialChanged = id -> {};
  // Null in MODE=main.
  private @Nullable RedisConnections redis;

  private ServerApp(Settings settings, Shutdown shutdown) {
    this.settings = settings;
    this.shutdown = shutdown;
  }

  /** Opens the server; returns once it answers. */
  static void open(Settings settings, Shutdown shutdown) throws Exception {
    new ServerApp(settings, shutdown).open();
  }

  private void open() throws Exception {
    checkServices();
    var stores = shutdown.add("embedded stores", EmbeddedStores.startOrJoin(settings));
    var addresses = stores.addresses();
    var database =
        shutdown.add(
            "database", Database.open(DatabaseTarget.of(addresses.database(), "millrace-server")));
    Patience.untilDatabaseAnswers(DATABASE_PATIENCE, () -> Migrations.run(database));
    health.check("postgres", () -> database.ping(CHECK_LIMIT), "PostgreSQL does not answer");

    var workspaces = new Workspaces(database);
    var workspaceId = workspaces.defaultWorkspace().workspaceId();
    var keys = new ApiKeyStore(database, clock);
    AdminKey.ensure(settings, keys, workspaceId);
    var authentication = new Authentication(keys, settings.secrets().adminApiKey(), workspaceId);
    var flows = new ChatFlowStore(database, clock);
    var key = EncryptionKey.findOrCreate(settings.secrets());
    KeyCheck.sharesKey(database, key.fingerprint(), key.origin());

    var cipher = new CredentialCipher(key);
    var credentials = new CredentialStore(database, cipher, clock);
    var runtime =
        shutdown.add(
            "runs",
            new PredictionRuntime(settings, database, credentials, FlowTexts.NONE, clock, json));
    var dispatcher =
        shutdown.add("dispatcher", dispatcher(runtime, flows, credentials, addresses.redis()));

    var jobs = new FlowJobs(workspaces, json);
    var schedules = schedules(database, flows, jobs, runtime);
    var requests = new PredictionRequests(flows, jobs, authentication, json);
    var predictions = new PredictionApi(requests, dispatcher, json);
    var callbacks = shutdown.add("webhooks", new WebhookCallbacks(runtime.fetcher(), json));
    var secrets = new WebhookSecrets(database, cipher);
    var http = settings.http();
    var origins = http.iframeOrigins();
    var server =
        HttpServer.open(
            http.host(),
            http.port(),
            http.bodyLimit(),
            settings.queue().shutdownTimeout(),
            routes -> {
              new ApiErrors(json).register(routes);
              new Cors(
                      Set.copyOf(http.corsOrigins()),
                      http.corsAllowCredentials(),
                      String.join(" ", origins))
                  .register(routes);
              new PingApi(version()).register(routes);
              new HealthApi(health.build(), json).register(routes);
              predictions.register(routes);
              new WebhookApi(flows, secrets, jobs, predictions, callbacks, authentication, json)
                  .register(routes);
              new ChatFlowApi(flows, runtime.engine(), schedules, authentication, flowChanged, json)
                  .register(routes);
              new ScheduleApi(flows, schedules, authentication, json).register(routes);
              new CredentialApi(credentials, authentication, credentialChanged, json)
                  .register(routes);
              new ExecutionApi(new ExecutionStore(database), authentication, json).register(routes);
              dashboard(routes, database, keys, key);
            });
    shutdown.add("HTTP", server);
    LOG.info("Millrace serves http://{}:{} in MODE={}", host(), server.port(), mode());
  }

  private void dashboard(
      RoutesConfig routes, Database database, ApiKeyStore keys, EncryptionKey key) {
    if (!settings.dashboard().enabled()) {
      return;
    }
    if (redis == null) {
      Dashboards.registerExplanation(routes);
      return;
    }
    var name = settings.queue().name();
    var parts =
        new Dashboards.Parts(
            settings,
            keys,
            AdminKey.NAME,
            key.passphrase(),
            new JobHistoryStore(database),
            List.of(),
            clock,
            json);
    var own = List.of(PredictionQueue.name(name), name + "-upsertion", QueueBeat.queueName(name));
    Dashboards.open(parts, redis, own).register(routes);
    LOG.info(
        "The dashboard of the queues is at http://{}:{}/admin/queues",
        host(),
        settings.http().port());
  }

  private PredictionDispatcher dispatcher(
      PredictionRuntime runtime,
      ChatFlowStore flows,
      CredentialStore credentials,
      @Nullable RedisSettings address) {
    var queue = settings.queue();
    if (settings.mode() == Mode.MAIN || address == null) {
      return new DirectDispatcher(
          runtime.runner(), runtime.aborts(), clock, queue.predictionTimeout());
    }
    var target = new RedisTarget(address);
    var redis =
        shutdown.add("redis", RedisConnections.connect(target.uri(), target.clientOptions()));
    health.check("redis", () -> redis.ping(CHECK_LIMIT), "Redis does not answer");
    this.redis = redis;
    var name = PredictionQueue.name(queue.name());
    var options = queueOptions();
    var jobs = new Queue(redis, name, options);
    var events = QueueEvents.open(redis, name, options.prefix());
    flowChanged = Changes.publisher(jobs, "chat_flow");
    credentialChanged = Changes.publisher(jobs, "credential");
    // They live as long as the reader.
    var _ = Changes.subscribe(events, "chat_flow", flows::invalidate);
    var _ = Changes.subscribe(events, "credential", credentials::invalidate);
    return new QueueDispatcher(
        jobs,
        events,
        new FlowCarriage(new FleetWatch(jobs), new SharedFlows(redis)),
        new EventSubscriber(redis.pubSub("millrace-server")),
        queue.predictionTimeout(),
        queue.removeOnAge(),
        queue.removeOnCount(),
        json);
  }

  private Schedules schedules(
      Database database, ChatFlowStore flows, FlowJobs jobs, PredictionRuntime runtime) {
    var store = new ScheduleStore(database, clock);
    var runs = new ScheduledRuns(store, flows, jobs, runtime.runner(), clock, json);
    var redis = this.redis;
    var beat =
        redis == null
            ? new LocalBeat(clock, runs::runIfFirst)
            : new QueueBeat(
                new Queue(redis, QueueBeat.queueName(settings.queue().name()), queueOptions()),
                clock,
                json);
    var schedules =
        new Schedules(
            store, shutdown.add("schedules", beat), settings.limits().minScheduleInterval(), clock);
    schedules.start();
    return schedules;
  }

  private QueueOptions queueOptions() {
    return QueueOptions.DEFAULT.withMaxLenEvents(settings.queue().eventStreamMaxLen());
  }

  /** Refuses what this process cannot be. */
  private void checkServices() {
    var given = settings.workerMode();
    var value = given != null ? given : settings.mode() == Mode.QUEUE ? "!" : "";
    var split = ServiceSplit.parse(value, Set.of(ServiceSplit.WORKFLOW, ServiceSplit.ASYNC_TASK));
    if (!split.serving()) {
      throw new IllegalStateException(
          "WORKER_MODE=" + value + " serves no requests; start bin/start-worker for its services");
    }
    if (settings.mode() == Mode.QUEUE && split.serving(ServiceSplit.WORKFLOW)) {
      LOG.warn(
          "WORKER_MODE={} asks for flows to be run here, but in MODE=queue workers do: start"
              + " bin/start-worker",
          value);
    }
  }

  private static String version() {
    var version = ServerApp.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private String host() {
    var host = settings.http().host();
    return host.equals("0.0.0.0") ? "localhost" : host;
  }

  private String mode() {
    return settings.mode() == Mode.QUEUE ? "queue" : "main";
  }
}
