package dev.millrace.platform.redis;

import dev.millrace.platform.settings.RedisSettings;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.resource.ClientResources;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The Redis server of this process, and how its clients behave. Immutable.
 *
 * <p>TLS, where it is on, always verifies the server's certificate and host name, unlike in
 * Flowise, where it depends on the library whether it does (and whether it encrypts at all).
 */
public final class RedisTarget {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration PROBE_INTERVAL = Duration.ofSeconds(5);
  private static final int PROBES = 3;

  /** Commands that may wait for an answer or a connection; Lettuce's default is unbounded. */
  private static final int REQUEST_QUEUE = 50_000;

  private final RedisSettings settings;

  public RedisTarget(RedisSettings settings) {
    this.settings = settings;
  }

  /** Returns a new address with database, login, TLS and a command timeout of 10 s. */
  public RedisURI uri() {
    var uri =
        RedisURI.Builder.redis(settings.host(), settings.port())
            .withDatabase(settings.database())
            .withTimeout(COMMAND_TIMEOUT)
            .withSsl(settings.tls())
            .withVerifyPeer(SslVerifyMode.FULL);
    var password = settings.password();
    var username = settings.username();
    if (password != null && username != null) {
      uri.withAuthentication(username, password.reveal().toCharArray());
    } else if (password != null) {
      uri.withPassword(password.reveal().toCharArray());
    }
    return uri.build();
  }

  /**
   * Returns the behaviour of a client: bounded in memory and time, reconnecting, and noticing a
   * peer that vanished without a word. A command that is sent while the connection is down waits
   * for the next one until it times out.
   */
  public ClientOptions clientOptions() {
    var options =
        ClientOptions.builder()
            .autoReconnect(true)
            .requestQueueSize(REQUEST_QUEUE)
            .timeoutOptions(TimeoutOptions.enabled())
            .socketOptions(
                SocketOptions.builder()
                    .connectTimeout(CONNECT_TIMEOUT)
                    .tcpNoDelay(true)
                    .keepAlive(
                        SocketOptions.KeepAliveOptions.builder()
                            .enable()
                            .idle(settings.keepAlive())
                            .interval(PROBE_INTERVAL)
                            .count(PROBES)
                            .build())
                    .build());
    if (settings.tls()) {
      options.sslOptions(sslOptions());
    }
    return options.build();
  }

  /**
   * Returns a new client with these options; the caller shuts it down.
   *
   * @param resources shared by the clients of the process; the caller's to shut down too
   */
  public RedisClient newClient(ClientResources resources) {
    var client = RedisClient.create(resources, uri());
    client.setOptions(clientOptions());
    return client;
  }

  /** Returns the address without a password, e.g. {@code rediss://cache.internal:6380/0}. */
  public String describe() {
    var scheme = settings.tls() ? "rediss" : "redis";
    var host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    return scheme + "://" + host + ":" + settings.port() + "/" + settings.database();
  }

  private SslOptions sslOptions() {
    var ssl = SslOptions.builder().jdkSslProvider();
    if (settings.ca() != null) {
      ssl.trustManager(pem(settings.ca()));
    }
    if (settings.cert() != null && settings.key() != null) {
      ssl.keyManager(pem(settings.cert()), pem(settings.key().reveal()), null);
    }
    return ssl.build();
  }

  private static SslOptions.Resource pem(String text) {
    return () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
