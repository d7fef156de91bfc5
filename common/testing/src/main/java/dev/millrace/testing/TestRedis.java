package dev.millrace.testing;

import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The Redis that the tests of this JVM share.
 *
 * <p>Taken from, in this order: {@code TEST_REDIS_URL}, Testcontainers where Docker answers, a
 * local {@code redis-server}, the embedded Redis 6.2. A test must use a key prefix or queue names
 * of its own, since others work on the same server. For a server that a test may kill, see {@link
 * RedisProcess}.
 */
public final class TestRedis {
  private static final String IMAGE = "redis:7-alpine";

  private TestRedis() {}

  /** Returns the server's address, e.g. {@code redis://127.0.0.1:6380}; starts it on first use. */
  public static String url() {
    return Holder.URL;
  }

  private static final class Holder {
    static final String URL = choose();

    private static String choose() {
      var given = System.getenv("TEST_REDIS_URL");
      if (given != null && !given.isBlank()) {
        return announce(given, "TEST_REDIS_URL");
      }
      if (Binaries.dockerHas(IMAGE)) {
        return announce(container(), "Testcontainers");
      }
      var process = RedisProcess.start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::close));
      var local = Binaries.onPath("redis-server");
      return announce(process.url(), local.isPresent() ? local.get().toString() : "embedded");
    }

    // The container lives as long as the JVM; Testcontainers' own reaper removes it.
    @SuppressWarnings("resource")
    private static String container() {
      var redis = new GenericContainer<>(DockerImageName.parse(IMAGE)).withExposedPorts(6379);
      redis.start();
      Runtime.getRuntime().addShutdownHook(new Thread(redis::stop));
      return "redis://" + redis.getHost() + ":" + redis.getMappedPort(6379);
    }

    private static String announce(String url, String source) {
      System.out.println("Tests use Redis at " + url + " (" + source + ")");
      return url;
    }
  }
}
