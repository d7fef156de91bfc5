package dev.millrace.e2e;

import dev.millrace.testing.Folders;
import dev.millrace.testing.FreePort;
import dev.millrace.testing.RedisProcess;
import dev.millrace.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Redis, a database, a data folder, and the servers and workers that a test starts on them.
 *
 * <p>Not thread-safe.
 */
final class Deployment implements AutoCloseable {
  static final String ADMIN_KEY = "e2e-admin-key";

  private final @Nullable RedisProcess redis;
  private final TestPostgres.@Nullable Db db;
  private final Path home;
  private final Map<String, String> env = new HashMap<>();
  private final List<JavaProcess> processes = new ArrayList<>();

  /**
   * @param mode {@code main} or {@code queue}
   */
  Deployment(String mode) throws IOException {
    this(mode, RedisProcess.start("--appendonly", "yes"), TestPostgres.createDatabase());
    var redis = redis();
    var db = db();
    env.put("REDIS_URL", redis.url());
    env.put("DATABASE_TYPE", "postgres");
    env.put("DATABASE_HOST", db.host());
    env.put("DATABASE_PORT", Integer.toString(db.port()));
    env.put("DATABASE_NAME", db.name());
    env.put("DATABASE_USER", db.user());
    env.put("DATABASE_PASSWORD", db.password());
  }

  private Deployment(String mode, @Nullable RedisProcess redis, TestPostgres.@Nullable Db db)
      throws IOException {
    this.redis = redis;
    this.db = db;
    home = Files.createTempDirectory("millrace-e2e-");
    env.put("MODE", mode);
    env.put("MILLRACE_HOME", home.toString());
    env.put("ADMIN_API_KEY", ADMIN_KEY);
    // Model servers and endpoints of tests live on loopback.
    env.put("HTTP_ALLOW_LIST", "127.0.0.0/8");
  }

  /** Returns one whose server brings Redis and PostgreSQL along, and takes them with it. */
  static Deployment embedded() throws IOException {
    return new Deployment("queue", null, null);
  }

  Deployment with(String name, String value) {
    env.put(name, value);
    return this;
  }

  RedisProcess redis() {
    return Objects.requireNonNull(redis, "this one has an embedded Redis");
  }

  TestPostgres.Db db() {
    return Objects.requireNonNull(db, "this one has an embedded PostgreSQL");
  }

  Api startServer() throws IOException, InterruptedException {
    return startServer(Map.of());
  }

  /** Starts a server with settings of its own. */
  Api startServer(Map<String, String> more) throws IOException, InterruptedException {
    var port = FreePort.find();
    var own = new HashMap<>(env);
    own.putAll(more);
    own.put("PORT", Integer.toString(port));
    var process = JavaProcess.start("server", "dev.millrace.server.Main", own, home, port);
    processes.add(process);
    return new Api(process.awaitUp("/api/v1/ping"));
  }

  JavaProcess startWorker() throws IOException, InterruptedException {
    return startWorkerWithoutWaiting().awaitUp("/healthz");
  }

  /** Starts a worker with a setting of its own. */
  JavaProcess startWorker(String name, String value) throws IOException, InterruptedException {
    return startWorker(Map.of(name, value)).awaitUp("/healthz");
  }

  JavaProcess startWorkerWithoutWaiting() throws IOException {
    return startWorker(Map.of());
  }

  /** As above, with settings of its own. */
  JavaProcess startWorkerWithoutWaiting(Map<String, String> more) throws IOException {
    return startWorker(more);
  }

  private JavaProcess startWorker(Map<String, String> more) throws IOException {
    var port = FreePort.find();
    var own = new HashMap<>(env);
    own.putAll(more);
    own.put("WORKER_PORT", Integer.toString(port));
    var process = JavaProcess.start("worker", "dev.millrace.server.WorkerMain", own, home, port);
    processes.add(process);
    return process;
  }

  /** Returns the data folder. */
  Path home() {
    return home;
  }

  /** Connects to the database. */
  Connection connect() throws SQLException {
    return DriverManager.getConnection(db().jdbcUrl(), db().user(), db().password());
  }

  /** Returns what every process logged, for the message of a failed assertion. */
  String logs() {
    var text = new StringBuilder();
    processes.forEach(process -> text.append(process.log()).append('\n'));
    return text.toString();
  }

  @Override
  public void close() {
    processes.reversed().forEach(JavaProcess::close);
    if (redis != null) {
      redis.close();
    }
    Folders.deleteTree(home);
  }
}
