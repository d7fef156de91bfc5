package dev.millrace.bench;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code bench/run pgjobs-waiting}: how much slower a fetch of ours is beside a million jobs that
 * wait.
 */
final class PgJobsWaitingBench {
  private static final int MANY = 1_000_000;
  private static final int JOBS = 10_000;
  private static final int CONCURRENCY = 24;

  private final int rounds;
  private final JsonMapper json = JsonMapper.shared();

  PgJobsWaitingBench(int rounds) {
    this.rounds = rounds;
  }

  /**
   * What waits beside the jobs that are fetched.
   *
   * @param runAt an SQL expression; empty for nothing
   */
  private record Beside(String name, String runAt) {}

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
          .append(" rounds.\n\n| beside 1,000,000 jobs | fetch | of that beside none | wanted |\n")
          .append("|---|---|---|---|\n");
      var nothing = new Beside("none", "");
      // Twice: a cold program would make the others look good.
      for (var warmUp = 0; warmUp < 2; warmUp++) {
        var _ = measure(database, java, nothing);
      }
      var none = measure(database, java, nothing);
      report.append("| none | %.3f ms | | |%n".formatted(none));
      for (var beside :
          List.of(
              new Beside("of a later day", "now() + interval '1 day'"),
              new Beside("that are due, but less urgent", "null"))) {
        var with = measure(database, java, beside);
        report.append(
            "| %s | %.3f ms | **%.2f** | < 1.2 |%n".formatted(beside.name(), with, with / none));
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
    for (var round = 0; round <= rounds; round++) {
      database.fill(JOBS, "null", "null", "0");
      figures.add(java.ask(request("first", JOBS)).path("fetch").asDouble());
      System.err.printf("beside %s: %.3f ms%n", beside.name(), figures.getLast());
    }
    return PgJobsBench.median(figures.subList(1, figures.size()));
  }

  private tools.jackson.databind.node.ObjectNode request(String operation, int jobs) {
    return json.createObjectNode()
        .put("operation", operation)
        .put("jobs", jobs)
        .put("concurrency", CONCURRENCY)
        .put("batched", false);
  }
}
