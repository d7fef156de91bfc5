package dev.millrace.platform.cluster;

import dev.millrace.bullmq.RedisConnections;
import dev.millrace.bullmq.Topology;
import dev.millrace.cluster.cache.CacheOptions;
import dev.millrace.cluster.cache.Caches;
import dev.millrace.cluster.cache.LocalCaches;
import dev.millrace.cluster.cache.RedisCaches;
import dev.millrace.cluster.events.EventQueue;
import dev.millrace.cluster.events.EventTransport;
import dev.millrace.cluster.events.LocalEventTransport;
import dev.millrace.cluster.events.RabbitEventTransport;
import dev.millrace.cluster.events.TransportEventQueue;
import dev.millrace.cluster.locks.LocalLocks;
import dev.millrace.cluster.locks.Locks;
import dev.millrace.cluster.locks.RedisLocks;
import dev.millrace.cluster.pubsub.LocalBus;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.pubsub.RedisPubSubTransport;
import dev.millrace.cluster.pubsub.TransportPubSub;
import dev.millrace.cluster.support.RedisLink;
import dev.millrace.cluster.sync.LoggedSyncMessages;
import dev.millrace.cluster.sync.SyncMessages;
import dev.millrace.pgjobs.PgJobs;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.redis.RedisTarget;
import dev.millrace.platform.settings.ClusterSettings.Store;
import dev.millrace.platform.settings.RedisSettings;
import dev.millrace.platform.settings.Settings;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node shares with others, in the implementations that the settings choose: made here,
 * begun by {@link #connect}, ended by {@link #close}. Redis may be away at either.
 */
public final class ClusterServices implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterServices.class);

  private final Settings settings;
  private final Database database;
  private final @Nullable RedisSettings redis;
  private final Deque<AutoCloseable> closing = new ArrayDeque<>();
  private @Nullable RedisLink link;

  private final PubSub pubSub;
  private final Caches caches;
  private final Locks locks;
  private final SyncMessages sync;
  private final EventQueue events;

  private ClusterServices(Settings settings, Database database, @Nullable RedisSettings redis) {
    this.settings = settings;
    this.database = database;
    this.redis = redis;
    var cluster = settings.cluster();
    pubSub =
        later(
            new TransportPubSub(
                redis == null ? new LocalBus().join() : new RedisPubSubTransport(link())));
    var cacheOptions = CacheOptions.DEFAULT.withLocalEntries(cluster.cacheMax());
    caches =
        later(
            cluster.cache() == Store.REDIS
                ? new RedisCaches(link(), pubSub, cacheOptions)
                : new LocalCaches(cacheOptions));
    locks =
        later(
            switch (cluster.locks()) {
              case REDIS -> new RedisLocks(link(), pubSub);
              case POSTGRES -> new PostgresLocks(database);
              default -> new LocalLocks();
            });
    sync =
        later(
            new LoggedSyncMessages(
                new PostgresSyncLog(database), pubSub, LoggedSyncMessages.DEFAULT_LOOK));
    events = new TransportEventQueue(transport(cluster.events()));
    closing.push(() -> events.close(settings.queue().shutdownTimeout()));
  }

  /**
   * Makes them.
   *
   * @param database migrated; closed by the caller, after this
   * @param redis null in MODE=main
   */
  public static ClusterServices open(
      Settings settings, Database database, @Nullable RedisSettings redis) {
    return new ClusterServices(settings, database, redis);
  }

  /** Begins to send and hear; call it when everyone has subscribed who needs to from the start. */
  public void connect() {
    pubSub.connect();
    sync.connect();
    events.connect();
  }

  public Caches caches() {
    return caches;
  }

  public PubSub pubSub() {
    return pubSub;
  }

  public SyncMessages sync() {
    return sync;
  }

  public EventQueue events() {
    return events;
  }

  public Locks locks() {
    return locks;
  }

  private EventTransport transport(Store store) {
    return switch (store) {
      case MEMORY ->
          new LocalEventTransport(
              settings.home().resolve("event-queue.json"), LocalEventTransport.DEFAULT_LIMIT);
      case REDIS -> {
        var target = new RedisTarget(needed(redis));
        // Of these queues all clients are nodes of ours, so none of their clocks has to matter.
        var connections =
            later(
                RedisConnections.builder(Topology.of(target.uri()))
                    .options(target.clientOptions())
                    .serverTime(true)
                    .connect());
        yield new BullMqEventTransport(
            connections, settings.queue().name(), BullMqEventTransport.DEFAULT_LIMIT);
      }
      case POSTGRES ->
          new PgJobsEventTransport(
              PgJobs.of(database.dataSource()), PgJobsEventTransport.DEFAULT_LIMIT);
      case RABBITMQ ->
          new RabbitEventTransport(
              needed(settings.cluster().rabbitMqUrl()).reveal(),
              settings.queue().name() + "-event-",
              RabbitEventTransport.DEFAULT_LIMIT);
    };
  }

  private RedisLink link() {
    var made = link;
    if (made == null) {
      var target = new RedisTarget(needed(redis));
      var prefix = "millrace:" + settings.queue().name() + ":";
      made = later(new RedisLink(target.uri(), target.clientOptions(), prefix));
      link = made;
    }
    return made;
  }

  private static <T> T needed(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("the settings ask for a store whose address is not known");
    }
    return value;
  }

  /** Closes it before what was made earlier. */
  private <T extends AutoCloseable> T later(T resource) {
    closing.push(resource);
    return resource;
  }

  /** Lets events that are at work come to their end, within SHUTDOWN_TIMEOUT, then closes all. */
  @Override
  public void close() {
    for (var each = closing.poll(); each != null; each = closing.poll()) {
      try {
        each.close();
      } catch (Exception e) {
        LOG.warn("what nodes share was not closed in order", e);
      }
    }
  }
}
