package dev.millrace.platform.node;

import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueEvents;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.cluster.ServiceSplit;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.platform.cluster.ClusterServices;
import dev.millrace.platform.credentials.CredentialStore;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.health.Health;
import dev.millrace.platform.jobs.BackgroundJobs;
import dev.millrace.platform.jobs.BackgroundTasks;
import dev.millrace.platform.jobs.PgTaskNode;
import dev.millrace.platform.plugins.Plugins;
import dev.millrace.platform.prediction.FlowTexts;
import dev.millrace.platform.prediction.PredictionJob;
import dev.millrace.platform.prediction.PredictionQueue;
import dev.millrace.platform.prediction.PredictionRuntime;
import dev.millrace.platform.prediction.SharedFlows;
import dev.millrace.platform.process.Shutdown;
import dev.millrace.platform.schedules.Schedules;
import dev.millrace.platform.secrets.CredentialCipher;
import dev.millrace.platform.secrets.EncryptionKey;
import dev.millrace.platform.settings.Settings;
import dev.millrace.platform.tasks.TaskEvents;
import dev.millrace.platform.tasks.Tasks;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What every node has, whatever it serves: stores, keys, connections, what runs flows. {@link
 * NodeOpener} makes it; the server's and the worker's parts are built on it, so that one process
 * may have both. Used by one thread while the process starts.
 */
public final class Node {
  /** Of all the events a node without requests needs only aborts and changes: they may be late. */
  private static final Duration EVENTS_REST = Duration.ofMillis(50);

  private final Settings settings;
  private final Shutdown shutdown;
  private final ServiceSplit split;
  private final Stores stores;
  private final Shared shared;
  private final Announcement announcement;
  private final PredictionRuntime runtime;
  private final List<Runnable> atBegin = new ArrayList<>();
  private @Nullable QueueEvents events;
  private @Nullable Schedules schedules;

  /**
   * Where data is.
   *
   * @param jobs background jobs in the same database
   * @param redis null in MODE=main
   */
  record Stores(
      Database database,
      BackgroundJobs jobs,
      EncryptionKey key,
      CredentialCipher cipher,
      CredentialStore credentials,
      ChatFlowStore flows,
      @Nullable RedisConnections redis) {}

  /** What this node shares with the others, and what stands on it. */
  record Shared(ClusterServices cluster, TaskEvents taskEvents, Tasks tasks, Plugins plugins) {}

  Node(
      Settings settings,
      Shutdown shutdown,
      ServiceSplit split,
      Stores stores,
      Shared shared,
      Announcement announcement) {
    this.settings = settings;
    this.shutdown = shutdown;
    this.split = split;
    this.stores = stores;
    this.shared = shared;
    this.announcement = announcement;
    this.runtime =
        shutdown.add(
            "runs",
            new PredictionRuntime(
                settings,
                stores.database(),
                stores.credentials(),
                flowTexts(),
                new PredictionRuntime.Extensions(nodes(), shared.plugins().tools()),
                runsFlows(),
                clock(),
                json()));
  }

  public Settings settings() {
    return settings;
  }

  public Shutdown shutdown() {
    return shutdown;
  }

  public Clock clock() {
    return Clock.systemUTC();
  }

  public JsonMapper json() {
    return JsonMapper.shared();
  }

  /** Returns whether this node answers requests. */
  public boolean serving() {
    return split.serving();
  }

  /** Returns whether this node does the work of a service. */
  public boolean serving(String service) {
    return split.serving(service);
  }

  /** Returns whether this process serves nothing and is nobody's node. */
  public boolean isTransient() {
    return split.isTransient();
  }

  /** Returns what is collected here: the conditions under which this node can work. */
  public Health.Builder health() {
    return announcement.health();
  }

  /** Returns who this node is, who else is there, and how it says so. */
  public Announcement announcement() {
    return announcement;
  }

  public Database database() {
    return stores.database();
  }

  /** Returns the background jobs in PostgreSQL. */
  public BackgroundJobs jobs() {
    return stores.jobs();
  }

  /** Does background jobs here from now on. */
  public void doJobs() {
    BackgroundTasks.start(
        settings, stores.database(), announcement.metrics().registry(), shutdown, health());
  }

  public EncryptionKey key() {
    return stores.key();
  }

  public CredentialCipher cipher() {
    return stores.cipher();
  }

  public CredentialStore credentials() {
    return stores.credentials();
  }

  public ChatFlowStore flows() {
    return stores.flows();
  }

  /** Returns the connections to Redis; nothing in MODE=main. */
  public Optional<RedisConnections> redis() {
    return Optional.ofNullable(stores.redis());
  }

  /** Returns the primitives that the nodes share; not connected before {@link #connect}. */
  public ClusterServices cluster() {
    return shared.cluster();
  }

  /** Returns the background tasks of users. */
  public Tasks tasks() {
    return shared.tasks();
  }

  /** Returns what hears that tasks move on. */
  public TaskEvents taskEvents() {
    return shared.taskEvents();
  }

  public Plugins plugins() {
    return shared.plugins();
  }

  /** Returns what keeps the schedules of flows; the same at each call. */
  public Schedules schedules() {
    var kept = schedules;
    if (kept == null) {
      kept = NodeSchedules.of(this);
      schedules = kept;
    }
    return kept;
  }

  /** Has something done once the node is complete and connected. */
  public void atBegin(Runnable action) {
    atBegin.add(action);
  }

  /**
   * Connects the node with the others and starts its plugins; to be called when everything has
   * subscribed that the node has of its own, and before requests and jobs come in.
   */
  public void connect() throws InterruptedException {
    cluster().connect();
    shutdown.add("plugins", plugins());
    plugins().start();
  }

  /** Puts the node, which is complete now, into the list of nodes. */
  public void begin() {
    atBegin.forEach(Runnable::run);
    announcement.begin(shutdown);
  }

  /** Returns what runs flows here. */
  public PredictionRuntime runtime() {
    return runtime;
  }

  /** Returns how this node uses the queues. */
  public QueueOptions queueOptions() {
    return QueueOptions.DEFAULT.withMaxLenEvents(settings.queue().eventStreamMaxLen());
  }

  /** Returns a queue. */
  public Queue queue(RedisConnections redis, String name) {
    return new Queue(redis, name, queueOptions());
  }

  /** Returns the one reader of the prediction queue's events that this process has. */
  public QueueEvents predictionEvents(RedisConnections redis) {
    var open = events;
    if (open == null) {
      var name = PredictionQueue.name(settings.queue().name());
      // A node with requests has a dispatcher, which closes what it reads.
      open =
          serving()
              ? QueueEvents.open(redis, name, queueOptions().prefix())
              : shutdown.add(
                  "queue events",
                  QueueEvents.open(redis, name, queueOptions().prefix(), EVENTS_REST));
      events = open;
    }
    return open;
  }

  /** Kinds of nodes besides those that the engine brings. */
  private Map<String, NodeRunner> nodes() {
    var nodes = new HashMap<>(shared.plugins().nodes());
    nodes.put(PgTaskNode.NAME, new PgTaskNode(stores.jobs()));
    return nodes;
  }

  /** Whether flows run here: those of a queue, or those of requests that travel nowhere. */
  private boolean runsFlows() {
    return serving(ServiceSplit.WORKFLOW) || (serving() && stores.redis() == null);
  }

  /** Where the texts of flows are that jobs only refer to. */
  private FlowTexts flowTexts() {
    var redis = stores.redis();
    if (redis == null) {
      return FlowTexts.NONE;
    }
    var shared = new SharedFlows(redis);
    var stored = stores.flows();
    return (flowId, hash) ->
        shared
            .find(hash)
            .or(() -> stored.find(flowId).map(ChatFlow::toJson).map(PredictionJob::rowJson));
  }
}
