package dev.millrace.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** A PostgreSQL for jobs, durable as in production, filled and emptied between measurements. */
final class PgJobsStore implements AutoCloseable {
  private final EmbeddedPostgres postgres;

  PgJobsStore() throws IOException {
    postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("max_connections", "100")
            .start();
  }

  String nodeUrl() {
    return "postgres://postgres:postgres@127.0.0.1:%d/postgres".formatted(postgres.getPort());
  }

  /** Starts our side, in a process of its own. */
  Peer javaPeer() throws IOException {
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            PgJobsPeer.class.getName(),
            "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(postgres.getPort()));
    return new Peer("Java", command, Map.of());
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
  }

  void empty() throws SQLException {
    execute("TRUNCATE graphile_worker._private_jobs");
    execute("VACUUM ANALYZE graphile_worker._private_jobs");
  }

  /** Adds jobs; the last three are SQL expressions, of {@code i} if they like. */
  void fill(int jobs, String queue, String runAt, String priority) throws SQLException {
    execute(
        """
        SELECT count(*) FROM graphile_worker.add_jobs((
          SELECT array_agg(('bench', json_build_object('i', i), %s, %s, null, null, %s,
            null)::graphile_worker.job_spec)
          FROM generate_series(1, %d) i))
        """
            .formatted(queue, runAt, priority, jobs));
    execute("VACUUM ANALYZE graphile_worker._private_jobs");
    execute("CHECKPOINT");
  }

  void execute(String statement) throws SQLException {
    try (var connection = connect();
        var sql = connection.createStatement()) {
      sql.execute(statement);
    }
  }

  String text(String query) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Override
  public void close() throws IOException {
    postgres.close();
  }
}
