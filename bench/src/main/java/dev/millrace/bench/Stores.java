package dev.millrace.bench;

import dev.millrace.testing.RedisProcess;
import io.lettuce.core.RedisClient;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/** The Redis and the PostgreSQL of a benchmark, durable as in production: fsync on. */
final class Stores implements AutoCloseable {
  final RedisProcess redis = RedisProcess.start("--appendonly", "yes");
  final EmbeddedPostgres postgres;
  private final RedisClient client = RedisClient.create(redis.url());

  Stores() throws IOException {
    postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("shared_preload_libraries", "pg_stat_statements")
            .setServerConfig("pg_stat_statements.track", "top")
            .setServerConfig("max_connections", "100")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("fsync", "on")
            .start();
    sql("CREATE EXTENSION pg_stat_statements");
  }

  /** Returns the environment by which a process finds the stores. */
  Map<String, String> environment() {
    var env = new TreeMap<String, String>();
    env.put("REDIS_URL", redis.url());
    env.put("DATABASE_TYPE", "postgres");
    env.put("DATABASE_HOST", "127.0.0.1");
    env.put("DATABASE_PORT", Integer.toString(postgres.getPort()));
    env.put("DATABASE_NAME", "postgres");
    env.put("DATABASE_USER", "postgres");
    env.put("DATABASE_PASSWORD", "postgres");
    return env;
  }

  /** Returns how many statements clients have sent so far, but for BEGIN and COMMIT. */
  long statements() {
    return number(
        """
        SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
        WHERE query !~* '^(begin|commit|rollback|set|show)'
        """);
  }

  /** Returns how many transactions were committed so far. */
  long commits() {
    return number("SELECT sum(xact_commit) FROM pg_stat_database");
  }

  /** Returns how often clients have sent each Redis command so far; scripts count as one. */
  Map<String, Long> redisCalls() {
    var calls = new TreeMap<String, Long>();
    try (var connection = client.connect()) {
      for (var line : connection.sync().info("commandstats").lines().toList()) {
        if (line.startsWith("cmdstat_")) {
          var name = line.substring("cmdstat_".length(), line.indexOf(':'));
          var count = line.replaceFirst(".*:calls=(\\d+).*", "$1");
          calls.put(name, Long.parseLong(count));
        }
      }
    }
    calls.keySet().retainAll(java.util.Set.of("evalsha", "eval", "publish", "bzpopmin", "xread"));
    return calls;
  }

  /** Returns the memory that Redis uses for data, in bytes. */
  long redisMemory() {
    try (var connection = client.connect()) {
      return Long.parseLong(
          connection.sync().info("memory").replaceFirst("(?s).*used_memory:(\\d+).*", "$1"));
    }
  }

  void sql(String statement) {
    try (var connection = DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
        var sql = connection.createStatement()) {
      sql.execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException("the benchmark's PostgreSQL refuses: " + statement, e);
    }
  }

  private long number(String query) {
    try (var connection = DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException("the benchmark's PostgreSQL refuses: " + query, e);
    }
  }

  @Override
  public void close() throws IOException {
    client.shutdown();
    postgres.close();
    redis.close();
  }
}
