package dev.millrace.bullmq;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.protocol.DecodeBufferPolicies;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a process to one Redis, of any {@link Topology}: one that all scripts share,
 * and dedicated ones for those that block.
 *
 * <p>No command is ever sent twice behind the caller's back: when a connection breaks, what was on
 * its way fails with {@link RedisUnavailableException}, and so does everything until a new
 * connection stands, which is tried for after 50 ms, then ever more slowly up to once a second.
 * Opening therefore works while Redis is away.
 *
 * <p>Thread-safe. Close it last, after the queues and workers that use it.
 */
public final class RedisConnections implements AutoCloseable {
  /** How long a call may take before its connection is given up. */
  static final Duration CALL_LIMIT = Duration.ofSeconds(10);

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);
  private static final long RELEASE_LIMIT_MILLIS = 500;
  private static final int REQUEST_QUEUE = 65_536;

  private final Topology topology;
  private final Telemetry telemetry;
  private final ClientResources resources;
  private final RedisClient client;
  private final RedisClient subscribing;
  private final Route route;
  private final SharedConnection shared;
  private final InstantSource clock;

  private RedisConnections(Builder builder) {
    telemetry = builder.telemetry;
    resources =
        DefaultClientResources.builder()
            .reconnectDelay(() ->
                Delay.exponential(
                    Duration.ofMillis(50), Duration.ofSeconds(1), 2, TimeUnit.MILLISECONDS))
            .build();
    var tls = builder.tls;
    var options =
        tls == null ? builder.options : builder.options.mutate().sslOptions(tls.options()).build();
    client = RedisClient.create(resources);
    client.setOptions(
        options
            .mutate()
            .autoReconnect(false)
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .build());
    subscribing = RedisClient.create(resources);
    subscribing.setOptions(options.mutate().autoReconnect(true).build());
    topology = builder.topology;
    route =
        switch (topology) {
          case Topology.Standalone(var uri) -> new Route.Fixed(address(uri, tls));
          case Topology.Sentinel(var uri) -> new Route.Fixed(address(uri, tls));
          case Topology.Cluster cluster -> {
            var seeds = cluster.seeds().stream().map(uri -> address(uri, tls)).toList();
            yield new Route.OwnerOfSlot(client, seeds, cluster.slot());
          }
        };
    var check = builder.skipVersionCheck ? null : new ServerCheck();
    shared = new SharedConnection(() -> openShared(check));
    clock = builder.serverTime ? new ServerClock(shared::get, builder.clock) : builder.clock;
  }

  /** Says how to connect; see {@link RedisConnections#builder}. Not thread-safe. */
  public static final class Builder {
    private final Topology topology;
    private ClientOptions options = defaultOptions();
    private @Nullable Tls tls;
    private boolean skipVersionCheck;
    private Telemetry telemetry = Telemetry.NONE;
    private InstantSource clock = InstantSource.system();
    private boolean serverTime;

    private Builder(Topology topology) {
      this.topology = topology;
    }

    /**
     * Lettuce's options; reconnecting and the behaviour while disconnected are set here whatever
     * they say.
     */
    public Builder options(ClientOptions value) {
      options = value;
      return this;
    }

    /** Encrypts all connections, also those to Sentinels. */
    public Builder tls(Tls value) {
      tls = value;
      return this;
    }

    /**
     * Does not ask servers for their version and eviction policy. Otherwise a Redis before 5.0 is
     * refused, and one before 6.2, or one that evicts keys, is warned of.
     */
    public Builder skipVersionCheck(boolean value) {
      skipVersionCheck = value;
      return this;
    }

    /** What is told of the work of all queues and workers that use the connections. */
    public Builder telemetry(Telemetry value) {
      telemetry = value;
      return this;
    }

    /** By which jobs and their delays are timed; this machine's otherwise, as in Node. */
    public Builder clock(InstantSource value) {
      clock = value;
      return this;
    }

    /**
     * Times jobs and their delays by the clock of Redis, so that those of the machines may differ
     * and jump. All that use a queue should do the same. Until Redis has told its time the {@link
     * #clock} holds.
     */
    public Builder serverTime(boolean value) {
      serverTime = value;
      return this;
    }

    /**
     * Opens connections. Tries once to reach Redis, and goes on trying in the background if that
     * fails; it never throws because Redis is away.
     */
    public RedisConnections connect() {
      var connections = new RedisConnections(this);
      connections.shared.start();
      return connections;
    }
  }

  public static Builder builder(Topology topology) {
    return new Builder(topology);
  }

  /** As {@link #connect(RedisURI, ClientOptions)}, with {@link #defaultOptions}. */
  public static RedisConnections connect(RedisURI uri) {
    return connect(uri, defaultOptions());
  }

  /**
   * Opens connections to one server or, when the address names Sentinels, to the master that they
   * name.
   *
   * @see Builder#connect
   * @see Builder#options
   */
  public static RedisConnections connect(RedisURI uri, ClientOptions options) {
    return builder(Topology.of(uri)).options(options).connect();
  }

  /** Returns options with bounded queues, short connect timeouts and TCP keep-alive. */
  public static ClientOptions defaultOptions() {
    var keepAlive =
        SocketOptions.KeepAliveOptions.builder()
            .enable()
            .idle(Duration.ofSeconds(15))
            .interval(Duration.ofSeconds(5))
            .count(3)
            .build();
    return ClientOptions.builder()
        .socketOptions(
            SocketOptions.builder()
                .connectTimeout(CONNECT_LIMIT)
                .keepAlive(keepAlive)
                .tcpNoDelay(true)
                .build())
        // Timeouts are this library's own, per call; a timer per command costs too much.
        .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build())
        .requestQueueSize(REQUEST_QUEUE)
        .decodeBufferPolicy(DecodeBufferPolicies.ratio(0.75f))
        .build();
  }

  /**
   * Returns the connection that everyone shares. It is not for commands that block, nor to be kept:
   * ask again for each use.
   *
   * @throws RedisUnavailableException while there is none
   */
  public StatefulRedisConnection<String, String> shared() {
    return shared.get();
  }

  /**
   * Opens a connection of the caller's own, for blocking reads. It does not reconnect; the caller
   * closes it and opens another.
   *
   * @param clientName the name that {@code CLIENT LIST} shows
   * @throws RedisUnavailableException when Redis cannot be reached
   */
  public StatefulRedisConnection<String, String> dedicated(String clientName) {
    return dedicated(clientName, Utf8.CODEC);
  }

  /** As {@link #dedicated(String)}, for other types of keys and values. */
  public <K, V> StatefulRedisConnection<K, V> dedicated(String clientName, RedisCodec<K, V> codec) {
    try {
      return client.connect(codec, named(clientName));
    } catch (RuntimeException e) {
      throw unreachable(clientName, e);
    }
  }

  /**
   * Opens a connection for pub/sub. It reconnects and subscribes again by itself; what is published
   * in between is lost. On a Cluster it stays with the node it was opened on, and is to be opened
   * anew when that is gone for good.
   *
   * @throws RedisUnavailableException when Redis cannot be reached
   */
  public StatefulRedisPubSubConnection<String, String> pubSub(String clientName) {
    try {
      return subscribing.connectPubSub(Utf8.CODEC, named(clientName));
    } catch (RuntimeException e) {
      throw unreachable(clientName, e);
    }
  }

  /** Returns whether Redis answers within the limit. */
  public boolean ping(Duration limit) {
    try {
      shared().async().ping().toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (BullMqException | ExecutionException | TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Waits until the shared connection stands; returns whether it does. */
  public boolean awaitUp(Duration limit) throws InterruptedException {
    return shared.awaitUp(limit);
  }

  /**
   * Fails a future with a {@link TimeoutException} if it is not done by then, give or take 0.1 s. A
   * wheel keeps the times: unlike those of the JDK it wakes no thread for each, which under load
   * costs more than the calls themselves.
   */
  <T> CompletableFuture<T> limit(CompletableFuture<T> future, Duration limit) {
    var timeout =
        resources
            .timer()
            .newTimeout(
                _ -> future.completeExceptionally(new TimeoutException("no answer in " + limit)),
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
    var _ = future.whenComplete((_, _) -> timeout.cancel());
    return future;
  }

  /** Calls a listener when the shared connection is lost, until the result is closed. */
  AutoCloseable onLost(Runnable listener) {
    return shared.onLost(listener);
  }

  /** Gives up a shared connection that does not answer, or answers for the wrong server. */
  void suspect(StatefulRedisConnection<String, String> connection) {
    shared.lost(connection);
  }

  /**
   * Makes sure that the connections reach a queue's keys.
   *
   * @throws IllegalArgumentException when they do not: the topology is a Cluster, and the keys are
   *     in another slot or in several
   */
  void requireReach(Keys keys) {
    if (topology instanceof Topology.Cluster cluster) {
      cluster.requireSlotOf(keys);
    }
  }

  InstantSource clock() {
    return clock;
  }

  Telemetry telemetry() {
    return telemetry;
  }

  /** Closes a dedicated connection, and waits a moment until it is gone. */
  static void release(StatefulConnection<?, ?> connection) {
    // join, unlike get, also waits in a thread that was interrupted to make it stop.
    connection
        .closeAsync()
        .copy()
        .completeOnTimeout(null, RELEASE_LIMIT_MILLIS, TimeUnit.MILLISECONDS)
        .exceptionally(_ -> null)
        .join();
  }

  @Override
  public void close() {
    shared.close();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    subscribing.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  private StatefulRedisConnection<String, String> openShared(@Nullable ServerCheck check) {
    var opened = client.connect(Utf8.CODEC, route.node());
    try {
      if (check != null) {
        check.check(opened);
      }
      if (clock instanceof ServerClock server) {
        server.learn(opened);
      }
      return opened;
    } catch (RuntimeException e) {
      release(opened);
      throw e;
    }
  }

  private RedisURI named(String clientName) {
    return Addresses.named(route.node(), clientName);
  }

  private static RedisURI address(RedisURI uri, @Nullable Tls tls) {
    var secured = tls == null ? uri : Addresses.secured(uri, tls.verification());
    // Lettuce's own limit, a minute, would also be how long a handshake with a dead peer takes.
    return secured.getTimeout().equals(RedisURI.DEFAULT_TIMEOUT_DURATION)
        ? Addresses.limited(secured, CALL_LIMIT)
        : secured;
  }

  private RedisUnavailableException unreachable(String what, RuntimeException cause) {
    return new RedisUnavailableException(
        "cannot reach Redis at %s for %s: %s".formatted(route.describe(), what, cause.getMessage()),
        false,
        cause);
  }
}
