package dev.millrace.bench;

import dev.millrace.testing.RedisProcess;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code bench/run bullmq}: our queue library and the npm original in turn on the same Redis, each
 * in a process of its own. What counts is the median of the rounds' ratios.
 */
final class BullMqBench {
  private final Path root;
  private final int jobs;
  private final int rounds;
  private final String only;
  private final JsonMapper json = JsonMapper.shared();
  private final StringBuilder report = new StringBuilder();

  /** Our figure in each cell. */
  private final Map<Cell, Double> figures = new LinkedHashMap<>();

  /**
   * @param jobs in a cell of processing; the others have fewer
   * @param only a part of the names of the cells to measure; empty for all
   */
  BullMqBench(Path root, int jobs, int rounds, String only) {
    this.root = root;
    this.only = only;
    this.jobs = jobs;
    this.rounds = rounds;
  }

  /**
   * What is measured.
   *
   * @param jobs how many are added, or flows
   * @param unit of the figures: jobs/s, or ms where a lower one is better
   * @param wanted the ratio that is aimed at
   */
  private record Cell(
      String name, String operation, int jobs, int concurrency, String unit, String wanted) {
    double figure(double seconds) {
      return unit.equals("ms") ? seconds * 1e3 : jobs / seconds;
    }
  }

  private List<Cell> cells() {
    var few = jobs / 10;
    return List.of(
        new Cell("processing, concurrency 1", "process", jobs, 1, "jobs/s", "≥ 1.2"),
        new Cell("processing, concurrency 10", "process", jobs, 10, "jobs/s", "≥ 1.5"),
        new Cell("processing, concurrency 50", "process", jobs, 50, "jobs/s", "≥ 2"),
        new Cell("processing, concurrency 200", "process", jobs, 200, "jobs/s", "≥ 2.5"),
        new Cell("addBulk of 1,000", "addBulk", jobs, 1, "jobs/s", "≥ 2"),
        new Cell("64 concurrent adds", "addConcurrent", jobs / 2, 64, "jobs/s", "≥ 1.3"),
        new Cell("sequential adds", "addSequential", few, 1, "jobs/s", "≥ 1"),
        new Cell("wake-up of an idle worker, p50", "wake", 200, 1, "ms", "≤ 1"),
        new Cell("flow of 1 parent and 100 children", "flow", few / 100, 1, "flows/s", "≥ 2"));
  }

  String run() throws Exception {
    var folder = root.resolve("common/bullmq/src/interop/bullmq-6");
    report.append("# bench/run bullmq\n\n").append(Machine.facts());
    try (var redis = RedisProcess.start("--save", "");
        var client = new Flushing(redis);
        var java = new Peer("Java", JavaPeer.command(redis.port()), Map.of());
        var node =
            new Peer(
                "Node",
                List.of("node", root.resolve("bench/node/peer.mjs").toString()),
                Map.of("BULLMQ_FOLDER", folder.toString(), "REDIS_PORT", "" + redis.port()))) {
      report.append("Redis ").append(client.version()).append(", bullmq ").append(version(folder));
      report.append(" on Node; ").append(jobs).append(" jobs a cell of processing, ");
      report.append(rounds).append(" rounds in turn after one to warm up; every job was delivered");
      report.append(" exactly once.\n\n| | ours | Node | ratio (of each round) | wanted |\n");
      report.append("|---|---|---|---|---|\n");
      for (var cell : cells().stream().filter(cell -> cell.name().contains(only)).toList()) {
        measure(cell, client, java, node);
      }
      client.flush();
      ceiling(redis);
    }
    return report.toString();
  }

  private void measure(Cell cell, Flushing redis, Peer java, Peer node) throws IOException {
    var ours = new ArrayList<Double>();
    var theirs = new ArrayList<Double>();
    var ratios = new ArrayList<Double>();
    for (var round = 0; round <= rounds; round++) {
      var javaFirst = round % 2 == 0;
      var first = figure(cell, redis, javaFirst ? java : node);
      var second = figure(cell, redis, javaFirst ? node : java);
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
                cell.unit(),
                median(theirs),
                median(ratios),
                ratios.stream().map("%.2f"::formatted).collect(Collectors.joining(", ")),
                cell.wanted());
    report.append(row);
    figures.put(cell, median(ours));
    System.err.print(row);
  }

  private double figure(Cell cell, Flushing redis, Peer peer) throws IOException {
    redis.flush();
    var request =
        json.createObjectNode()
            .put("operation", cell.operation())
            .put("queue", "bench")
            .put("jobs", cell.jobs())
            .put("children", 100)
            .put("concurrency", cell.concurrency());
    var answer = peer.ask(request);
    if (cell.operation().equals("process")) {
      checkDelivery(cell, answer);
    }
    return cell.figure(answer.path("seconds").asDouble());
  }

  private static void checkDelivery(Cell cell, JsonNode answer) throws IOException {
    if (answer.path("unique").asInt() != cell.jobs()
        || answer.path("delivered").asInt() != cell.jobs()) {
      throw new IOException(cell.name() + ": jobs were lost or delivered twice: " + answer);
    }
  }

  /** What Redis does of the same writes when they are plain pipelined commands, and our share. */
  private void ceiling(RedisProcess redis) throws Exception {
    var ceiling = new Ceiling(redis);
    var adds = ceiling.adds();
    var processed = ceiling.processed();
    report.append("\nThe same writes as plain pipelined commands (redis-benchmark -P 32 -c 4):");
    report.append(" %,.0f adds/s and %,.0f jobs/s processed.".formatted(adds, processed));
    report.append(" Our share of that:\n\n");
    figures.forEach((cell, figure) -> {
      if (cell.unit().equals("jobs/s")) {
        var most = cell.operation().equals("process") ? processed : adds;
        report.append("- %s: %.0f %%%n".formatted(cell.name(), 100 * figure / most));
      }
    });
  }

  private String version(Path folder) throws IOException {
    var manifest = folder.resolve("node_modules/bullmq/package.json");
    return json.readTree(Files.readString(manifest)).path("version").asString();
  }

  private static double median(List<Double> values) {
    var sorted = values.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }

  /** Empties Redis between the cells. */
  private static final class Flushing implements AutoCloseable {
    private final RedisClient client;

    Flushing(RedisProcess redis) {
      client = RedisClient.create(redis.url());
    }

    void flush() {
      try (var connection = client.connect()) {
        connection.sync().flushall();
      }
    }

    String version() {
      try (var connection = client.connect()) {
        return connection.sync().info("server").replaceFirst("(?s).*redis_version:(\\S+).*", "$1");
      }
    }

    @Override
    public void close() {
      client.shutdown();
    }
  }
}
