package dev.millrace.platform.node;

import dev.millrace.bullmq.RedisConnections;
import dev.millrace.cluster.ServiceSplit;
import dev.millrace.platform.cluster.ClusterServices;
import dev.millrace.platform.credentials.CredentialStore;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.DatabaseTarget;
import dev.millrace.platform.db.KeyCheck;
import dev.millrace.platform.db.Migrations;
import dev.millrace.platform.embedded.EmbeddedStores;
import dev.millrace.platform.embedded.StoreAddresses;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.health.NodeFacts;
import dev.millrace.platform.jobs.BackgroundJobs;
import dev.millrace.platform.plugins.PluginHost;
import dev.millrace.platform.plugins.Plugins;
import dev.millrace.platform.process.Patience;
import dev.millrace.platform.process.Shutdown;
import dev.millrace.platform.redis.RedisTarget;
import dev.millrace.platform.secrets.CredentialCipher;
import dev.millrace.platform.secrets.EncryptionKey;
import dev.millrace.platform.settings.Mode;
import dev.millrace.platform.settings.RedisSettings;
import dev.millrace.platform.settings.Settings;
import dev.millrace.platform.tasks.TaskEvents;
import dev.millrace.platform.tasks.TaskTypes;
import dev.millrace.platform.tasks.Tasks;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Opens what every node needs, in order. */
public final class NodeOpener {
  private static final Logger LOG = LoggerFactory.getLogger(NodeOpener.class);
  private static final Duration STORE_PATIENCE = Duration.ofSeconds(60);
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(2);

  /** To add background jobs and look after them, which takes moments. */
  private static final int JOB_CONNECTIONS = 3;

  private final Settings settings;
  private final Shutdown shutdown;
  private final NodeKind kind;
  private final Clock clock = Clock.systemUTC();
  private final JsonMapper json = JsonMapper.shared();

  private NodeOpener(Settings settings, Shutdown shutdown, NodeKind kind) {
    this.settings = settings;
    this.shutdown = shutdown;
    this.kind = kind;
  }

  /**
   * Opens the stores and what stands on them.
   *
   * @throws IllegalStateException when this node would serve nothing and was not told to; the
   *     message says why
   */
  public static Node open(Settings settings, Shutdown shutdown, NodeKind kind)
      throws InterruptedException {
    return new NodeOpener(settings, shutdown, kind).open();
  }

  private Node open() throws InterruptedException {
    var split = split();
    var addresses = addresses();
    var database =
        shutdown.add(
            "database", Database.open(DatabaseTarget.of(addresses.database(), kind.clientName())));
    Patience.untilDatabaseAnswers(STORE_PATIENCE, () -> Migrations.run(database));
    var key = EncryptionKey.findOrCreate(settings.secrets());
    KeyCheck.sharesKey(database, key.fingerprint(), key.origin());
    var cipher = new CredentialCipher(key);
    var redis = redis(addresses.redis());
    var plugins = Plugins.find(settings.plugins().folder());
    var keys = new TreeSet<>(Set.of(ServiceSplit.WORKFLOW, ServiceSplit.ASYNC_TASK));
    keys.addAll(plugins.serviceKeys());
    report(split, keys);
    var announcement = new Announcement(database, facts(split, keys), json);
    announcement
        .health()
        .check("postgres", () -> database.ping(CHECK_LIMIT), "PostgreSQL does not answer");
    if (redis != null) {
      announcement.health().check("redis", () -> redis.ping(CHECK_LIMIT), "Redis does not answer");
    }
    var stores =
        new Node.Stores(
            database,
            shutdown.add(
                "background jobs",
                BackgroundJobs.open(
                    settings.jobs(),
                    database.endpoint(),
                    kind.clientName() + "-jobs",
                    JOB_CONNECTIONS)),
            key,
            cipher,
            new CredentialStore(database, cipher, clock),
            new ChatFlowStore(database, clock),
            redis);
    var shares = settings.mode() == Mode.MAIN ? null : addresses.redis();
    var cluster = shutdown.add("cluster", ClusterServices.open(settings, database, shares));
    var events = new TaskEvents(cluster.pubSub());
    var tasks =
        new Tasks(database, new TaskTypes(), events, cluster.events(), cluster.pubSub(), json);
    plugins.load(
        new PluginHost(
            split,
            cluster,
            database,
            tasks,
            announcement.metrics().registry(),
            settings.plugins().values()));
    var shared = new Node.Shared(cluster, events, tasks, plugins);
    return new Node(settings, shutdown, split, stores, shared, announcement);
  }

  private ServiceSplit split() {
    var given = settings.workerMode();
    var value = given != null ? given : kind.defaultWorkerMode(settings.mode());
    return settings.workerModeStrict() ? ServiceSplit.strict(value) : ServiceSplit.parse(value);
  }

  /** A server brings its stores along; a worker on its machine waits for them. */
  private StoreAddresses addresses() {
    return kind == NodeKind.SERVER
        ? shutdown.add("embedded stores", EmbeddedStores.startOrJoin(settings)).addresses()
        : EmbeddedStores.await(settings, STORE_PATIENCE);
  }

  private @Nullable RedisConnections redis(@Nullable RedisSettings address)
      throws InterruptedException {
    if (settings.mode() == Mode.MAIN || address == null) {
      return null;
    }
    var target = new RedisTarget(address);
    var redis =
        shutdown.add("redis", RedisConnections.connect(target.uri(), target.clientOptions()));
    if (!redis.awaitUp(CHECK_LIMIT)) {
      LOG.warn(
          "waiting up to {} s for Redis at {}:{}",
          STORE_PATIENCE.toSeconds(),
          address.host(),
          address.port());
      // Whoever cannot do without says so when it is not there even then.
      var _ = redis.awaitUp(STORE_PATIENCE);
    }
    return redis;
  }

  /** Says what is odd; refuses a node that would do nothing by mistake. */
  private void report(ServiceSplit split, Set<String> keys) {
    var problems = split.problems(keys);
    if (!split.isTransient() && !split.servesAny(keys)) {
      throw new IllegalStateException(
          "this node would serve nothing: " + String.join("; ", problems));
    }
    problems.forEach(problem -> LOG.warn("{}", problem));
    if (settings.mode() == Mode.MAIN && !split.serving() && !split.isTransient()) {
      throw new IllegalStateException(
          "WORKER_MODE="
              + split
              + " takes no requests, and in MODE=main no other work reaches a node: set MODE=queue,"
              + " and REDIS_URL unless it runs on the server's machine");
    }
  }

  private NodeFacts facts(ServiceSplit split, Set<String> keys) {
    return new NodeFacts(
        UUID.randomUUID(),
        host(),
        ProcessHandle.current().pid(),
        Version.current(),
        settings.mode() == Mode.QUEUE ? "queue" : "main",
        split.toString(),
        split.serving(),
        split.served(keys));
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
