package dev.millrace.platform.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.JournalEntry;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.db.Workspaces;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What it costs to wait for every step of a run; prints it, and holds it to generous bounds. */
class JournalCostIT {
  private static final int ALONE = 1_000;
  private static final int RUNS = 64;
  private static final int STEPS_EACH = 300;

  @Test
  void stepsOfConcurrentRunsShareCommits() throws Exception {
    try (Database database = TestDatabase.migrated();
        var store = new RunStore(database, InstantSource.system(), name -> null);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var workspace = new Workspaces(database).defaultWorkspace().workspaceId();
      steps(store, workspace, 200);
      var began = System.nanoTime();
      steps(store, workspace, ALONE);
      var eachMicros = (System.nanoTime() - began) / 1_000 / ALONE;

      began = System.nanoTime();
      var before = database.statements();
      List<Future<?>> runs = new ArrayList<>();
      for (var run = 0; run < RUNS; run++) {
        runs.add(threads.submit(() -> steps(store, workspace, STEPS_EACH)));
      }
      for (var run : runs) {
        run.get();
      }
      var perSecond = RUNS * STEPS_EACH * 1_000_000_000L / (System.nanoTime() - began);
      var statements = database.statements() - before;
      System.out.printf(
          "journal: %d µs a durable step alone; %d durable steps/s of %d runs, %d statements for"
              + " %d steps%n",
          eachMicros, perSecond, RUNS, statements, RUNS * STEPS_EACH);
      assertThat(eachMicros).isLessThan(20_000);
      assertThat(perSecond).isGreaterThan(500);
      assertThat(statements).isLessThan(RUNS * STEPS_EACH / 4);
    }
  }

  /** A run of that many steps with effects, each of which begins when the one before is durable. */
  private static void steps(RunStore store, String workspace, int count) {
    var run =
        Runs.request(UUID.randomUUID().toString(), workspace, UUID.randomUUID().toString(), "{}");
    store.started(run);
    for (var step = 0; step < count; step++) {
      JournalEntry entry =
          Runs.entry("httpAgentflow_" + step, "{\"http\":{\"data\":\"ok\",\"status\":200}}");
      store.nodeFinished(run.runId(), entry).await();
    }
    store.finished(run, Runs.finished("done"));
  }
}
