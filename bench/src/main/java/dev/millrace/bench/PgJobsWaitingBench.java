package dev.millrace.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code bench/run pgjobs-waiting}: how much slower a fetch of ours is beside a million jobs that
 * wait.
 */
final class PgJobsWaitingBench {
  private static final int MANY = 1_000_000;
  private static final int JOBS = 10_000;
  private static final int CONCURRENCY = 24;

  /** How often each is measured in a round. */
  private static final int RUNS = 3;

  /**
   * What waits beside the jobs that are fetched.
   *
   * @param runAt an SQL expression; empty for nothing
   */
  private record Beside(String name, String runAt) {}

  private static final Beside NONE = new Beside("none", "");

  private static final List<Beside> BESIDE =
      List.of(
          NONE,
          new Beside("of a later day", "now() + interval '1 day'"),
          new Beside("that are due, but less urgent", "null"));

  private final int rounds;
  private final JsonMapper json = JsonMapper.shared();

  PgJobsWaitingBench(int rounds) {
    this.rounds = rounds;
  }

  String run() throws Exception {
    var report = new StringBuilder("# bench/run pgjobs-waiting\n\n").append(Machine.facts());
    try (var database = new PgJobsStore();
        var java = database.javaPeer()) {
      // A runner makes the schema.
      java.ask(request("process", 0));
      report
          .append("PostgreSQL ")
          .append(database.text("SHOW server_version"))
          .append(
              ", fsync on. The p50 of the fetches of 10,000 jobs, unbatched, concurrency 24; the")
          .append(" median of ")
          .append(rounds)
          .append(
              " rounds, and of their ratios.\n\n| beside 1,000,000 jobs | fetch | of that beside none | wanted |\n")
          .append("|---|---|---|---|\n");
      var figures = new TreeMap<String, List<Double>>();
      for (var round = 0; round <= rounds; round++) {
        // In turn which comes first, so that a drift favours none; the first round warms up.
        var order = new ArrayList<>(BESIDE);
        Collections.rotate(order, round);
        for (var beside : order) {
          var figure = measure(database, java, beside);
          if (round > 0) {
            figures.computeIfAbsent(beside.name(), name -> new ArrayList<>()).add(figure);
          }
        }
      }
      var none = figures.getOrDefault(NONE.name(), List.of());
      for (var beside : BESIDE) {
        var with = figures.getOrDefault(beside.name(), List.of());
        report.append(row(beside, with, none));
      }
    }
    return report.toString();
  }

  private double measure(PgJobsStore database, Peer java, Beside beside) throws Exception {
    database.empty();
    if (!beside.runAt().isEmpty()) {
      database.fill(MANY, "null", beside.runAt(), "100");
    }
    var figures = new ArrayList<Double>();
    for (var run = 0; run < RUNS; run++) {
      database.fill(JOBS, "null", "null", "0");
      figures.add(java.ask(request("first", JOBS)).path("fetch").asDouble());
    }
    System.err.printf("beside %s: %.3f ms%n", beside.name(), PgJobsBench.median(figures));
    return PgJobsBench.median(figures);
  }

  private static String row(Beside beside, List<Double> with, List<Double> none) {
    var ratios = new ArrayList<Double>();
    for (var i = 0; i < with.size(); i++) {
      ratios.add(with.get(i) / none.get(i));
    }
    var fetch = "| %s | %.3f ms |".formatted(beside.name(), PgJobsBench.median(with));
    return beside.equals(NONE)
        ? fetch + " | |\n"
        : fetch
            + " **%.2f** (%s) | < 1.2 |%n"
                .formatted(
                    PgJobsBench.median(ratios),
                    ratios.stream().map("%.2f"::formatted).collect(Collectors.joining(", ")));
  }

  private tools.jackson.databind.node.ObjectNode request(String operation, int jobs) {
    return json.createObjectNode()
        .put("operation", operation)
        .put("jobs", jobs)
        .put("concurrency", CONCURRENCY)
        .put("batched", false);
  }
}
