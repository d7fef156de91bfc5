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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The connections of a process to one Redis (a Sentinel address works too): one that all scripts
 * share, and dedicated ones for those that block.
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

  private final RedisURI uri;
  private final ClientResources resources;
  private final RedisClient client;
  private final RedisClient subscribing;
  private final SharedConnection shared;

  private RedisConnections(RedisURI uri, ClientOptions options) {
    this.uri = uri;
    resources =
        DefaultClientResources.builder()
            .reconnectDelay(() ->
                Delay.exponential(
                    Duration.ofMillis(50), Duration.ofSeconds(1), 2, TimeUnit.MILLISECONDS))
            .build();
    client = RedisClient.create(resources);
    client.setOptions(
        options
            .mutate()
            .autoReconnect(false)
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .build());
    subscribing = RedisClient.create(resources);
    subscribing.setOptions(options.mutate().autoReconnect(true).build());
    shared = new SharedConnection(() -> client.connect(Utf8.CODEC, this.uri));
  }

  /** As {@link #connect(RedisURI, ClientOptions)}, with {@link #defaultOptions}. */
  public static RedisConnections connect(RedisURI uri) {
    return connect(uri, defaultOptions());
  }

  /**
   * Opens connections. Tries once to reach Redis, and goes on trying in the background if that
   * fails; it never throws because Redis is away.
   *
   * @param options Lettuce's options; reconnecting and the behaviour while disconnected are set
   *     here whatever they say
   */
  public static RedisConnections connect(RedisURI uri, ClientOptions options) {
    var connections = new RedisConnections(uri, options);
    connections.shared.start();
    return connections;
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
   * in between is lost.
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

  /** Gives up a shared connection that does not answer, or answers for the wrong server. */
  void suspect(StatefulRedisConnection<String, String> connection) {
    shared.lost(connection);
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

  private RedisURI named(String clientName) {
    return RedisURI.builder(uri).withClientName(clientName).build();
  }

  private RedisUnavailableException unreachable(String what, RuntimeException cause) {
    return new RedisUnavailableException(
        "cannot reach Redis at %s for %s: %s".formatted(uri, what, cause.getMessage()),
        false,
        cause);
  }
}
