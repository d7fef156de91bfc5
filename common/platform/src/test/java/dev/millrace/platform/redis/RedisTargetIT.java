package dev.millrace.platform.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.platform.settings.Settings;
import dev.millrace.testing.RedisProcess;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisTargetIT {
  private static final ClientResources RESOURCES =
      DefaultClientResources.builder().ioThreadPoolSize(2).build();

  @TempDir Path folder;

  @AfterAll
  static void shutDown() {
    RESOURCES.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  @Test
  void logsInAsANamedUserOnTheNamedDatabase() {
    try (var redis = RedisProcess.start("--user", "ann", "on", ">pw", "~*", "&*", "+@all")) {
      var url = "redis://ann:pw@127.0.0.1:" + redis.port() + "/4";

      assertThat(ask(Map.of("REDIS_URL", url))).contains("user=ann").contains("db=4");
    }
  }

  @Test
  void encryptsAndVerifiesTheServer() throws Exception {
    requireTls();
    try (var redis = TlsRedis.start(folder, false)) {
      var trusted = tls(redis, "localhost", Map.of("REDIS_CA", redis.file("ca.pem").toString()));
      await().atMost(Duration.ofSeconds(10)).ignoreExceptions().until(() -> works(trusted));

      var byName = tls(redis, "127.0.0.1", Map.of("REDIS_CA", redis.file("ca.pem").toString()));
      assertThatThrownBy(() -> ask(byName)).isInstanceOf(RedisConnectionException.class);

      assertThatThrownBy(() -> ask(tls(redis, "localhost", Map.of())))
          .isInstanceOf(RedisConnectionException.class);
    }
  }

  @Test
  void showsItsCertificateToAServerThatAsksForOne() throws Exception {
    requireTls();
    try (var redis = TlsRedis.start(folder, true)) {
      var ca = redis.file("ca.pem").toString();
      var mutual =
          tls(
              redis,
              "localhost",
              Map.of(
                  "REDIS_CA", ca,
                  "REDIS_CERT", redis.file("client.pem").toString(),
                  "REDIS_KEY", redis.file("client.key").toString()));
      await().atMost(Duration.ofSeconds(10)).ignoreExceptions().until(() -> works(mutual));

      assertThatThrownBy(() -> ask(tls(redis, "localhost", Map.of("REDIS_CA", ca))))
          .isInstanceOf(RedisConnectionException.class);
    }
  }

  private static void requireTls() {
    Assumptions.assumeTrue(
        TlsRedis.isPossible(), "needs a redis-server that was built with TLS, and openssl");
  }

  private static Map<String, String> tls(TlsRedis redis, String host, Map<String, String> more) {
    var env = new HashMap<>(more);
    env.put("REDIS_URL", "rediss://:pw@" + host + ":" + redis.port());
    return env;
  }

  private static boolean works(Map<String, String> env) {
    return ask(env).contains("user=default");
  }

  /** Connects and returns what the server thinks of the connection. */
  private static String ask(Map<String, String> env) {
    var settings = Settings.load(new String[0], env, Path.of("none")).redis();
    var client = new RedisTarget(settings).newClient(RESOURCES);
    try (var connection = client.connect()) {
      return connection.sync().clientList();
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }
}
