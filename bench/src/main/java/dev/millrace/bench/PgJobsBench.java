package dev.millrace.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code bench/run pgjobs}: our jobs in PostgreSQL and npm's graphile-worker in turn on the same
 * database, each in a process of its own. What counts is the median of the rounds' ratios.
 */
final class PgJobsBench {
  private static final int CONCURRENCY = 24;
  private static final int QUEUES = 10;
  private static final int MANY = 1_000_000;

  /** What Node does of the named queues in this time says enough. */
  private static final int QUEUE_LIMIT_SECONDS = 12;

  private final Path root;
  private final int jobs;
  private final int rounds;
  private final JsonMapper json = JsonMapper.shared();
  private final StringBuilder report = new StringBuilder();

  /**
   * @param jobs in the cell of batched processing; the others have fewer
   */
  PgJobsBench(Path root, int jobs, int rounds) {
    this.root = root;
    this.jobs = jobs;
    this.rounds = rounds;
  }

  /**
   * What is measured.
   *
   * @param operation that the peers are asked for
   * @param jobs how many are added, or sampled
   * @param isRate whether the figure is jobs/s, or else ms, where a lower one is better
   * @param wanted the ratio that is aimed at
   */
  private record Cell(
      String name, String operation, int jobs, boolean batched, boolean isRate, String wanted) {
    double figure(JsonNode answer) {
      var seconds = answer.path("seconds").asDouble();
      return isRate ? jobs / seconds : seconds * 1e3;
    }
  }

  private List<Cell> cells() {
    return List.of(
        new Cell("throughput, batched", "process", jobs, true, true, "≥ 1.5"),
        new Cell("throughput, unbatched", "process", jobs / 4, false, true, "≥ 2"),
        new Cell("latency of an idle runner, p50", "latency", 500, false, false, "≤ 1"),
        new Cell("10 named queues × 100 jobs", "queues", QUEUES * 100, false, true, "≥ 5"));
  }

  String run() throws Exception {
    var folder = root.resolve("common/pgjobs/src/interop/graphile-worker-0.18");
    report.append("# bench/run pgjobs\n\n").append(Machine.facts());
    try (var postgres =
            EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("max_connections", "100")
                .start();
        var java = new Peer("Java", javaCommand(postgres), Map.of());
        var node =
            new Peer(
                "Node",
                List.of("node", root.resolve("bench/node/pgjobs.mjs").toString()),
                Map.of(
                    "GRAPHILE_FOLDER",
                    folder.toString(),
                    "DATABASE_URL",
                    "postgres://postgres:postgres@127.0.0.1:%d/postgres"
                        .formatted(postgres.getPort())))) {
      var database = new Database(postgres.getJdbcUrl("postgres", "postgres"));
      // The schema is Node's, so that both work on what it made.
      node.ask(request(new Cell("", "process", 0, false, true, "")));
      introduce(database, folder);
      for (var cell : cells()) {
        measure(cell, database, java, node);
      }
      manyWaiting(database, java);
    }
    return report.toString();
  }

  private void introduce(Database database, Path folder) throws Exception {
    report
        .append("PostgreSQL ")
        .append(database.text("SHOW server_version"))
        .append(", fsync on; graphile-worker ")
        .append(version(folder))
        .append(" on Node, concurrency ")
        .append(CONCURRENCY)
        .append(" on both sides.\n")
        .append(rounds)
        .append(
            """
             rounds in turn after one to warm up. Batched: a local queue of 500 on both sides, Node \
            with its batches of completions (delay 0). Unbatched: the defaults of both; ours then \
            claims as many jobs as can begin and stores what ended together. Every job was \
            delivered exactly once.

            | | ours | Node | ratio (of each round) | wanted |
            |---|---|---|---|---|
            """);
  }

  private void measure(Cell cell, Database database, Peer java, Peer node) throws Exception {
    var ours = new ArrayList<Double>();
    var theirs = new ArrayList<Double>();
    var ratios = new ArrayList<Double>();
    for (var round = 0; round <= rounds; round++) {
      var javaFirst = round % 2 == 0;
      var first = figure(cell, database, javaFirst ? java : node);
      var second = figure(cell, database, javaFirst ? node : java);
      if (round > 0) {
        ours.add(javaFirst ? first : second);
        theirs.add(javaFirst ? second : first);
        ratios.add(ours.getLast() / theirs.getLast());
      }
    }
    var row =
        "| %s | %,.2f %s | %,.2f | **%.2f** (%s) | %s |%n"
            .formatted(
                cell.name(),
                median(ours),
                cell.isRate() ? "jobs/s" : "ms",
                median(theirs),
                median(ratios),
                ratios.stream().map("%.2f"::formatted).collect(Collectors.joining(", ")),
                cell.wanted());
    report.append(row);
    System.err.print(row);
  }

  private double figure(Cell cell, Database database, Peer peer) throws Exception {
    database.empty();
    if (!cell.operation().equals("latency")) {
      var queue = cell.operation().equals("queues") ? "'q' || i % " + QUEUES : "null";
      database.fill(cell.jobs(), queue, "null", "0");
    }
    var answer = peer.ask(request(cell));
    if (cell.operation().equals("process")
        && (answer.path("unique").asInt() != cell.jobs()
            || answer.path("delivered").asInt() != cell.jobs()
            || !"0".equals(database.text("SELECT count(*) FROM graphile_worker.jobs")))) {
      throw new IOException(cell.name() + ": jobs were lost or delivered twice: " + answer);
    }
    return cell.figure(answer);
  }

  /** How much slower a fetch is beside many jobs that wait. */
  private void manyWaiting(Database database, Peer java) throws Exception {
    report.append(
        "\nFetches beside 1,000,000 waiting jobs (ours, unbatched, p50 over 10,000 jobs):\n\n");
    report.append("| beside | fetch | of that without | wanted |\n|---|---|---|---|\n");
    var cell = new Cell("", "first", 10_000, false, true, "");
    var without = fetch(cell, database, java, "", "");
    report.append("| nothing | %.3f ms | | |%n".formatted(without));
    for (var kind :
        Map.of(
                "jobs of later days", "now() + interval '1 day'",
                "jobs that are due, less urgent", "null")
            .entrySet()) {
      var with = fetch(cell, database, java, kind.getValue(), "100");
      report.append(
          "| %s | %.3f ms | %.2f | < 1.2 |%n".formatted(kind.getKey(), with, with / without));
    }
  }

  private double fetch(Cell cell, Database database, Peer java, String runAt, String priority)
      throws Exception {
    var means = new ArrayList<Double>();
    database.empty();
    if (!runAt.isEmpty()) {
      database.fill(MANY, "null", runAt, priority);
    }
    for (var round = 0; round <= rounds; round++) {
      database.fill(cell.jobs(), "null", "null", "0");
      means.add(java.ask(request(cell)).path("fetch").asDouble());
      System.err.println("fetch beside '" + runAt + "': " + means.getLast());
    }
    return median(means.subList(1, means.size()));
  }

  private tools.jackson.databind.node.ObjectNode request(Cell cell) {
    return json.createObjectNode()
        .put("operation", cell.operation())
        .put("jobs", cell.jobs())
        .put("concurrency", CONCURRENCY)
        .put("batched", cell.batched())
        .put("limit", QUEUE_LIMIT_SECONDS);
  }

  private List<String> javaCommand(EmbeddedPostgres postgres) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin/java").toString(),
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:+UseCompactObjectHeaders",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        PgJobsPeer.class.getName(),
        "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(postgres.getPort()));
  }

  private String version(Path folder) throws IOException {
    var manifest = folder.resolve("node_modules/graphile-worker/package.json");
    return json.readTree(Files.readString(manifest)).path("version").asString();
  }

  private static double median(List<Double> values) {
    var sorted = values.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }

  /** Fills and empties the tables between the cells. */
  private record Database(String url) {
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
      try (var connection = DriverManager.getConnection(url);
          var sql = connection.createStatement()) {
        sql.execute(statement);
      }
    }

    String text(String query) throws SQLException {
      try (var connection = DriverManager.getConnection(url);
          var statement = connection.createStatement();
          var rows = statement.executeQuery(query)) {
        rows.next();
        return rows.getString(1);
      }
    }
  }
}
