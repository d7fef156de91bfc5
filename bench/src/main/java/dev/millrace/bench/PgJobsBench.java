package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code bench/run pgjobs}: our jobs in PostgreSQL and npm's graphile-worker in turn on the same
 * database, each in a process of its own. What counts is the median of the rounds' ratios.
 */
final class PgJobsBench {
  private static final int CONCURRENCY = 24;
  private static final int QUEUES = 10;

  /** A round is some hundred ms long, too short for a compiler. */
  private static final int WARM_UPS = 5;

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
        new Cell("latency of an idle runner, p50", "latency", 300, false, false, "≤ 1"),
        new Cell("10 named queues × 100 jobs", "queues", QUEUES * 100, false, true, "≥ 5"));
  }

  String run() throws Exception {
    var folder = root.resolve("common/pgjobs/src/interop/graphile-worker-0.18");
    report.append("# bench/run pgjobs\n\n").append(Machine.facts());
    try (var database = new PgJobsStore();
        var java = database.javaPeer();
        var node =
            new Peer(
                "Node",
                List.of("node", root.resolve("bench/node/pgjobs.mjs").toString()),
                Map.of("GRAPHILE_FOLDER", folder.toString(), "DATABASE_URL", database.nodeUrl()))) {
      // The schema is Node's, so that both work on what it made.
      node.ask(request(new Cell("", "process", 0, false, true, "")));
      introduce(database, folder);
      for (var cell : cells()) {
        measure(cell, database, java, node);
      }
    }
    return report.toString();
  }

  private void introduce(PgJobsStore database, Path folder) throws Exception {
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
             rounds in turn after %d to warm up. Batched: a local queue of 500 on both sides, Node \
            with its batches of completions (delay 0). Unbatched: the defaults of both; ours then \
            claims as many jobs as can begin and stores what ended together. Every job was \
            delivered exactly once.

            | | ours | Node | ratio (of each round) | wanted |
            |---|---|---|---|---|
            """
                .formatted(WARM_UPS));
  }

  private void measure(Cell cell, PgJobsStore database, Peer java, Peer node) throws Exception {
    var ours = new ArrayList<Double>();
    var theirs = new ArrayList<Double>();
    var ratios = new ArrayList<Double>();
    for (var round = 0; round < WARM_UPS + rounds; round++) {
      var javaFirst = round % 2 == 0;
      var first = figure(cell, database, javaFirst ? java : node);
      var second = figure(cell, database, javaFirst ? node : java);
      if (round >= WARM_UPS) {
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

  private double figure(Cell cell, PgJobsStore database, Peer peer) throws Exception {
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

  private ObjectNode request(Cell cell) {
    return json.createObjectNode()
        .put("operation", cell.operation())
        .put("jobs", cell.jobs())
        .put("concurrency", CONCURRENCY)
        .put("batched", cell.batched())
        .put("limit", QUEUE_LIMIT_SECONDS);
  }

  private String version(Path folder) throws IOException {
    var manifest = folder.resolve("node_modules/graphile-worker/package.json");
    return json.readTree(Files.readString(manifest)).path("version").asString();
  }

  static double median(List<Double> values) {
    var sorted = values.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }
}
