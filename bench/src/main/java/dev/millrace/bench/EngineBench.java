package dev.millrace.bench;

import dev.millrace.flows.model.Flow;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.Migrations;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.runs.RunStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What the engine itself costs: a node without a journal, and a step whose record is in PostgreSQL
 * before the run answers.
 */
final class EngineBench {
  private static final int STEPS = 20;
  private static final Duration WARM_UP = Duration.ofSeconds(15);
  private static final Duration CELL = Duration.ofSeconds(15);

  /**
   * Runs it.
   *
   * @param part {@code nodes}, {@code steps} or {@code branches}; "" for all
   */
  String run(String part) throws Exception {
    var report = new StringBuilder("# bench/run engine ").append(part).append("\n\n");
    report.append(Machine.facts());
    report.append(
        "\nNodes are HTTP nodes with two templates each, whose request is answered at once.\n");
    if (part.isEmpty() || part.equals("nodes")) {
      nodes(report);
    }
    if (part.isEmpty() || part.equals("steps")) {
      steps(report);
    }
    if (part.isEmpty() || part.equals("branches")) {
      BranchBench.run(report);
    }
    return report.toString();
  }

  private static void nodes(StringBuilder report) throws Exception {
    var options =
        new OptionsBuilder()
            .include(EngineJmh.class.getName())
            .jvmArgs("-Xmx256m", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders")
            .build();
    Collection<RunResult> results = new Runner(options).run();
    var micros = new TreeMap<Integer, Double>();
    report.append("\n## Without a journal (JMH, one thread)\n\n");
    report.append("| nodes | µs a run | ± |\n|---|---|---|\n");
    for (var result : results) {
      var steps = Integer.valueOf(result.getParams().getParam("steps"));
      var score = result.getPrimaryResult();
      micros.put(steps, score.getScore());
      report.append(
          "| %d | %.1f | %.1f |%n".formatted(steps + 1, score.getScore(), score.getScoreError()));
    }
    var slope =
        (micros.lastEntry().getValue() - micros.firstEntry().getValue())
            / (micros.lastKey() - micros.firstKey());
    report.append(
        "%nA node costs %.1f µs (target: 30), a run %.1f µs besides.%n"
            .formatted(slope, micros.firstEntry().getValue() - slope * micros.firstKey()));
  }

  private static void steps(StringBuilder report) throws Exception {
    report.append("\n## With the journal, PostgreSQL embedded, fsync on\n\n");
    report.append("Runs of ").append(STEPS).append(" steps.\n\n");
    report.append("| runs at a time | steps/s | ms a step | SQL statements a step |\n");
    report.append("|---|---|---|---|\n");
    try (var postgres =
            EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
        var database =
            Database.open(
                new Database.Endpoint(
                    postgres.getJdbcUrl("postgres", "postgres"),
                    "postgres",
                    "postgres",
                    8,
                    "bench",
                    Map.of()));
        var runs = new EngineRuns();
        var store = new RunStore(database, Clock.systemUTC(), name -> null)) {
      Migrations.run(database);
      var workspace = new Workspaces(database).defaultWorkspace().workspaceId();
      var flow = EngineRuns.chain(STEPS - 1);
      load(runs, flow, workspace, store, 16, WARM_UP);
      for (var concurrency : new int[] {1, 8, 64}) {
        var statements = database.statements();
        var rate = load(runs, flow, workspace, store, concurrency, CELL);
        var sent = database.statements() - statements;
        report.append(
            "| %d | %,.0f | %.3f | %.3f |%n"
                .formatted(
                    concurrency,
                    rate,
                    1_000.0 * concurrency / rate,
                    sent / (rate * CELL.toSeconds())));
      }
    }
    report.append("\nTargets: 1 ms a step with one run at a time, 5,000 steps/s with 64.\n");
  }

  /** Returns how many steps a second were done. */
  private static double load(
      EngineRuns runs, Flow flow, String workspace, RunStore store, int concurrency, Duration time)
      throws InterruptedException {
    var steps = new LongAdder();
    var failure = new AtomicReference<RuntimeException>();
    var done = new CountDownLatch(concurrency);
    var begin = System.nanoTime();
    var end = begin + time.toNanos();
    for (var i = 0; i < concurrency; i++) {
      Thread.ofVirtual()
          .name("load-", i)
          .start(() -> {
            try {
              while (System.nanoTime() < end && failure.get() == null) {
                runs.run(flow, workspace, store);
                steps.add(STEPS);
              }
            } catch (RuntimeException e) {
              failure.set(e);
            } finally {
              done.countDown();
            }
          });
    }
    done.await();
    var failed = failure.get();
    if (failed != null) {
      throw failed;
    }
    return steps.sum() * 1e9 / (System.nanoTime() - begin);
  }
}
