package dev.millrace.server;

import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.platform.node.NodeKind;
import dev.millrace.platform.process.Shutdown;
import dev.millrace.platform.settings.Settings;
import dev.millrace.testing.Folders;
import dev.millrace.testing.FreePort;
import dev.millrace.testing.RedisProcess;
import dev.millrace.testing.TestPostgres;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A server with its dashboard, in this JVM, on a Redis and a database of its own. */
public final class TestServer implements AutoCloseable {
  public static final String ADMIN_KEY = "the-admin-key-of-tests";
  public static final String VIEWER_KEY = "the-viewer-key-of-tests";
  public static final String BASE = "/admin/queues";

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final RedisProcess redis = RedisProcess.start();
  private final RedisConnections connections =
      RedisConnections.connect(RedisURI.create(redis.url()));
  private final TestPostgres.Db db = TestPostgres.createDatabase();
  private final Shutdown shutdown = new Shutdown();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Path home;
  private final int port;

  /** Starts it in MODE=queue. */
  public TestServer() throws Exception {
    this(Map.of());
  }

  /**
   * @param settings besides those that point to its stores
   */
  public TestServer(Map<String, String> settings) throws Exception {
    home = Files.createTempDirectory("millrace-server-");
    port = FreePort.find();
    var env = new HashMap<String, String>();
    env.put("MODE", "queue");
    env.put("HOST", "127.0.0.1");
    env.put("PORT", Integer.toString(port));
    env.put("MILLRACE_HOME", home.toString());
    env.put("REDIS_URL", redis.url());
    env.put("DATABASE_HOST", db.host());
    env.put("DATABASE_PORT", Integer.toString(db.port()));
    env.put("DATABASE_NAME", db.name());
    env.put("DATABASE_USER", db.user());
    env.put("DATABASE_PASSWORD", db.password());
    env.put("ADMIN_API_KEY", ADMIN_KEY);
    env.put("DASHBOARD_VIEWER_KEY", VIEWER_KEY);
    env.put("ENABLE_BULLMQ_DASHBOARD", "true");
    env.put("SHUTDOWN_TIMEOUT", "1");
    env.putAll(settings);
    NodeApp.of(NodeKind.SERVER)
        .open(Settings.load(new String[0], env, home.resolve("none.env")), shutdown);
  }

  public RedisProcess redis() {
    return redis;
  }

  public RedisConnections connections() {
    return connections;
  }

  public TestPostgres.Db db() {
    return db;
  }

  public Queue queue(String name) {
    return new Queue(connections, name, QueueOptions.DEFAULT);
  }

  public String url(String path) {
    return "http://127.0.0.1:" + port + BASE + path;
  }

  /** Sends a request with the admin key. */
  public HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    return send(method, path, body, Map.of("Authorization", "Bearer " + ADMIN_KEY));
  }

  public HttpResponse<String> send(
      String method, String path, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(url(path)))
            .timeout(LIMIT)
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (!headers.containsKey("Content-Type")) {
      request.header("Content-Type", "application/json");
    }
    headers.forEach(request::header);
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    shutdown.closeAll();
    connections.close();
    http.close();
    redis.close();
    Folders.deleteTree(home);
  }
}
