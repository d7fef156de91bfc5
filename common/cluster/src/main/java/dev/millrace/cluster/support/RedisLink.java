package dev.millrace.cluster.support;

import dev.millrace.cluster.UnavailableException;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's connection to Redis for all primitives. It need not stand: calls fail at once with
 * {@link UnavailableException} while it does not, and it comes back by itself. Thread-safe.
 */
public final class RedisLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);
  private static final Duration CALL_LIMIT = Duration.ofSeconds(5);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
  private static final long RETRY_NANOS = Duration.ofMillis(250).toNanos();
  private static final int WRITES_AT_ONCE = 256;

  private final ClientResources resources;
  private final RedisClient client;
  private final String prefix;
  private final ReentrantLock connecting = new ReentrantLock();
  private volatile @Nullable StatefulRedisConnection<String, byte[]> connection;
  private volatile boolean closed;
  private volatile @Nullable RedisException failure;
  private volatile long failedNanos;

  /** Links with Lettuce's own options to an address such as {@code redis://localhost:6379}. */
  public RedisLink(String url, String prefix) {
    this(RedisURI.create(url), ClientOptions.create(), prefix);
  }

  /**
   * @param options of sockets and TLS; the others are changed so that calls fail at once while
   *     Redis is away
   * @param prefix begins all keys and channels
   */
  public RedisLink(RedisURI uri, ClientOptions options, String prefix) {
    this.prefix = prefix;
    resources = DefaultClientResources.builder().nettyCustomizer(new SharedWrites()).build();
    client = RedisClient.create(resources, uri);
    client.setOptions(
        options
            .mutate()
            .autoReconnect(true)
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            // The calls below have their own limit; a timer for each command costs too much.
            .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build())
            .build());
  }

  public String prefix() {
    return prefix;
  }

  /**
   * Calls Redis.
   *
   * @param what for the message of a failure
   */
  public <T extends @Nullable Object> T call(
      String what, Function<RedisCommands<String, byte[]>, T> commands) {
    try {
      return commands.apply(connection(what).sync());
    } catch (RedisException e) {
      throw unavailable(what, e);
    }
  }

  /** Runs a script that returns a number. */
  public long number(String what, RedisScript script, String[] keys, byte[]... args) {
    return call(
        what,
        commands -> {
          try {
            Long number = commands.evalsha(script.digest(), ScriptOutputType.INTEGER, keys, args);
            return number;
          } catch (RedisNoScriptException e) {
            Long number = commands.eval(script.text(), ScriptOutputType.INTEGER, keys, args);
            return number;
          }
        });
  }

  /** Runs a script that returns a list of texts. */
  public List<byte[]> list(String what, RedisScript script, String[] keys, byte[]... args) {
    return call(
        what,
        commands -> {
          try {
            List<byte[]> list =
                commands.evalsha(script.digest(), ScriptOutputType.MULTI, keys, args);
            return list;
          } catch (RedisNoScriptException e) {
            List<byte[]> list = commands.eval(script.text(), ScriptOutputType.MULTI, keys, args);
            return list;
          }
        });
  }

  /**
   * Opens a connection of the caller's own that hears messages. It reconnects by itself.
   *
   * @throws UnavailableException when Redis is away now
   */
  public StatefulRedisPubSubConnection<String, String> pubSub() {
    try {
      return client.connectPubSub(StringCodec.UTF8);
    } catch (RedisException e) {
      throw unavailable("messages", e);
    }
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private StatefulRedisConnection<String, byte[]> connection(String what) {
    var present = connection;
    return present == null ? connect(what) : present;
  }

  private StatefulRedisConnection<String, byte[]> connect(String what) {
    connecting.lock();
    try {
      var present = connection;
      if (present != null) {
        return present;
      }
      if (closed) {
        throw new UnavailableException("the connection to Redis is closed; no " + what);
      }
      var before = failure;
      if (before != null && System.nanoTime() - failedNanos < RETRY_NANOS) {
        throw unavailable(what, before);
      }
      try {
        var opened = client.connect(CODEC);
        opened.setTimeout(CALL_LIMIT);
        connection = opened;
        return opened;
      } catch (RedisException e) {
        failure = e;
        failedNanos = System.nanoTime();
        throw unavailable(what, e);
      }
    } finally {
      connecting.unlock();
    }
  }

  private static UnavailableException unavailable(String what, RedisException e) {
    return new UnavailableException(
        "Redis cannot be used for "
            + what
            + " ("
            + e.getMessage()
            + "); check that it runs and can be reached",
        e);
  }

  @Override
  public void close() {
    closed = true;
    client.shutdown(Duration.ZERO, CLOSE_LIMIT);
    if (!resources
        .shutdown(0, CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CLOSE_LIMIT.toMillis())) {
      LOG.warn("the threads of the connection to Redis did not end within {}", CLOSE_LIMIT);
    }
  }

  /**
   * What threads send at the same time leaves in one system call, not in one each: most of what a
   * small command costs.
   */
  private static final class SharedWrites implements NettyCustomizer {
    @Override
    public void afterChannelInitialized(Channel channel) {
      channel.pipeline().addFirst(new FlushConsolidationHandler(WRITES_AT_ONCE, true));
    }
  }
}
