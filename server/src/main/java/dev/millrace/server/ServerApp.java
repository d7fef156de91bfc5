package dev.millrace.server;

import dev.millrace.platform.apikeys.ApiKeyStore;
import dev.millrace.platform.credentials.CredentialStore;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.events.EventSubscriber;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.flows.WebhookSecrets;
import dev.millrace.platform.history.JobHistoryStore;
import dev.millrace.platform.jobs.JobFiles;
import dev.millrace.platform.node.Node;
import dev.millrace.platform.node.Version;
import dev.millrace.platform.prediction.Changes;
import dev.millrace.platform.prediction.DirectDispatcher;
import dev.millrace.platform.prediction.FleetWatch;
import dev.millrace.platform.prediction.FlowCarriage;
import dev.millrace.platform.prediction.FlowJobs;
import dev.millrace.platform.prediction.PredictionDispatcher;
import dev.millrace.platform.prediction.PredictionQueue;
import dev.millrace.platform.prediction.PredictionRuntime;
import dev.millrace.platform.prediction.QueueDispatcher;
import dev.millrace.platform.prediction.SharedFlows;
import dev.millrace.platform.process.Shutdown;
import dev.millrace.platform.runs.ChatFiles;
import dev.millrace.platform.runs.ExecutionStore;
import dev.millrace.platform.schedules.QueueBeat;
import dev.millrace.platform.settings.Settings;
import dev.millrace.server.api.ChatFilesApi;
import dev.millrace.server.api.ChatFlowApi;
import dev.millrace.server.api.CredentialApi;
import dev.millrace.server.api.ExecutionApi;
import dev.millrace.server.api.HealthApi;
import dev.millrace.server.api.JobFilesApi;
import dev.millrace.server.api.JobsApi;
import dev.millrace.server.api.NodesApi;
import dev.millrace.server.api.PingApi;
import dev.millrace.server.api.PluginApi;
import dev.millrace.server.api.PredictionApi;
import dev.millrace.server.api.PredictionRequests;
import dev.millrace.server.api.ScheduleApi;
import dev.millrace.server.api.TaskApi;
import dev.millrace.server.api.WebhookApi;
import dev.millrace.server.api.WebhookCallbacks;
import dev.millrace.server.dashboard.Dashboards;
import dev.millrace.server.dashboard.PgQueues;
import dev.millrace.server.http.ApiErrors;
import dev.millrace.server.http.Authentication;
import dev.millrace.server.http.Cors;
import dev.millrace.server.http.HttpServer;
import io.javalin.config.RoutesConfig;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Puts together what answers requests on a node: the only place where its parts are wired. */
final class ServerApp {
  private static final Logger LOG = LoggerFactory.getLogger(ServerApp.class);

  private final Node node;
  private final Settings settings;
  private final Shutdown shutdown;
  private final Clock clock;
  private final JsonMapper json;
  // What other processes are told of a change of theirs; nobody in MODE=main.
  private Consumer<String> flowChanged = id -> {};
  private Consumer<String> credentialChanged = id -> {};

  private ServerApp(Node node) {
    this.node = node;
    this.settings = node.settings();
    this.shutdown = node.shutdown();
    this.clock = node.clock();
    this.json = node.json();
  }

  /** Opens the port; returns once requests are answered. */
  static void serve(Node node) {
    new ServerApp(node).serve();
  }

  private void serve() {
    var database = node.database();
    var workspaces = new Workspaces(database);
    var workspaceId = workspaces.defaultWorkspace().workspaceId();
    var keys = new ApiKeyStore(database, clock);
    AdminKey.ensure(settings, keys, workspaceId);
    var authentication = new Authentication(keys, settings.secrets().adminApiKey(), workspaceId);
    var flows = node.flows();
    var credentials = node.credentials();
    var runtime = node.runtime();
    var dispatcher = shutdown.add("dispatcher", dispatcher(runtime, flows, credentials));

    var flowJobs = new FlowJobs(workspaces, json);
    var schedules = node.schedules();
    schedules.start();
    var requests = new PredictionRequests(flows, flowJobs, authentication, json);
    var predictions = new PredictionApi(requests, dispatcher, json);
    var callbacks = shutdown.add("webhooks", new WebhookCallbacks(runtime.fetcher(), json));
    var secrets = new WebhookSecrets(database, node.cipher());
    var announcement = node.announcement();
    var requestCount = new LongAdder();
    announcement.load("requests", requestCount::sum);
    var http = settings.http();
    var origins = http.iframeOrigins();
    var server =
        HttpServer.open(
            http.host(),
            http.port(),
            http.bodyLimit(),
            settings.queue().shutdownTimeout(),
            routes -> {
              routes.before("/api/*", _ -> requestCount.increment());
              new ApiErrors(json).register(routes);
              new Cors(
                      Set.copyOf(http.corsOrigins()),
                      http.corsAllowCredentials(),
                      String.join(" ", origins))
                  .register(routes);
              new PingApi(Version.current()).register(routes);
              new HealthApi(announcement.status()).register(routes);
              new NodesApi(announcement, authentication, json).register(routes);
              new TaskApi(node.tasks(), authentication, json).register(routes);
              new PluginApi(node.plugins(), authentication, json).register(routes);
              predictions.register(routes);
              new WebhookApi(flows, secrets, flowJobs, predictions, callbacks, authentication, json)
                  .register(routes);
              new ChatFlowApi(flows, runtime.engine(), schedules, authentication, flowChanged, json)
                  .register(routes);
              new ScheduleApi(flows, schedules, authentication, json).register(routes);
              new CredentialApi(credentials, authentication, credentialChanged, json)
                  .register(routes);
              new JobsApi(node.jobs(), authentication, workspaceId, clock, json).register(routes);
              new JobFilesApi(
                      new JobFiles(database, settings.jobs().fileRetention()),
                      authentication,
                      workspaceId)
                  .register(routes);
              new ChatFilesApi(new ChatFiles(database)).register(routes);
              new ExecutionApi(new ExecutionStore(database), authentication, json).register(routes);
              dashboard(routes, keys);
            });
    shutdown.add("HTTP", server);
    LOG.info(
        "Millrace serves http://{}:{} in MODE={} ({})",
        host(),
        server.port(),
        announcement.facts().mode(),
        announcement.facts().serves());
  }

  private void dashboard(RoutesConfig routes, ApiKeyStore keys) {
    if (!settings.dashboard().enabled()) {
      return;
    }
    var redis = node.redis().orElse(null);
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
            node.key().passphrase(),
            new JobHistoryStore(node.database()),
            List.of(new PgQueues(node.jobs())),
            node.announcement(),
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
      PredictionRuntime runtime, ChatFlowStore flows, CredentialStore credentials) {
    var queue = settings.queue();
    var redis = node.redis().orElse(null);
    if (redis == null) {
      return new DirectDispatcher(
          runtime.runner(), runtime.aborts(), clock, queue.predictionTimeout());
    }
    var name = PredictionQueue.name(queue.name());
    var jobs = node.queue(redis, name);
    var events = node.predictionEvents(redis);
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

  private String host() {
    var host = settings.http().host();
    return host.equals("0.0.0.0") ? "localhost" : host;
  }
}
