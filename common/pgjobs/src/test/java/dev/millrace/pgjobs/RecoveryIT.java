package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Dead runners, dead workers of others, and connections that break. */
class RecoveryIT {
  private final TestDatabase t = new TestDatabase();
  private final PgJobs jobs = t.jobs();

  @AfterEach
  void close() {
    t.close();
  }

  private static RunnerOptions.Builder quick() {
    return RunnerOptions.builder().heartbeat(Duration.ofMillis(200), Duration.ofSeconds(1));
  }

  private long lock(NewJob job, String by, String since) {
    var id = jobs.add(job).id();
    t.column(
        "UPDATE graphile_worker._private_jobs SET attempts = 1, locked_by = ?, locked_at = "
            + since
            + " WHERE id = ?",
        by,
        id);
    t.column(
        "UPDATE graphile_worker._private_job_queues SET locked_by = ?, locked_at = " + since, by);
    return id;
  }

  @Test
  void aDeadRunnersJobsAreDoneWithinItsLease() {
    t.column(
        """
        INSERT INTO millrace_pgjobs.runners (pool_id, schema_name, host, lease)
        VALUES ('pool-dead', 'graphile_worker', 'h', '1 second'),
          ('pool-elsewhere', 'other', 'h', '0 seconds')
        """);
    lock(NewJob.of("a").withQueueName("q"), "pool-dead", "now()");
    jobs.add(NewJob.of("a").withQueueName("q"));

    t.run(jobs, Tasks.of("a", job -> {}), quick());

    t.awaitCount("SELECT count(*) FROM graphile_worker.jobs", 0);
    assertThat(t.column("SELECT pool_id FROM millrace_pgjobs.runners WHERE pool_id <> ALL ('{}')"))
        .contains("pool-elsewhere")
        .doesNotContain("pool-dead");
  }

  @Test
  void aJobThatKillsItsRunnersWaitsLongerEachTime() {
    t.column(
        """
        INSERT INTO millrace_pgjobs.runners (pool_id, schema_name, host, lease)
        VALUES ('pool-dead', 'graphile_worker', 'h', '0 seconds')
        """);
    var id = lock(NewJob.of("a"), "pool-dead", "now()");
    t.column("UPDATE graphile_worker._private_jobs SET attempts = 3 WHERE id = ?", id);

    t.run(jobs, Tasks.of("a", job -> {}), quick());

    await().atMost(TestDatabase.LIMIT).until(() -> jobs.find(id).orElseThrow().lockedBy() == null);
    var job = jobs.find(id).orElseThrow();
    assertThat(job.lastError()).isEqualTo("the runner pool-dead died");
    assertThat(Duration.between(job.updatedAt(), job.runAt()))
        .isGreaterThan(Duration.ofSeconds(19));
  }

  @Test
  void whatWorkersOfOthersLockedIsFreedAfterFourHours() throws InterruptedException {
    var young = lock(NewJob.of("b"), "worker-1", "now() - interval '3 hours 59 minutes'");
    lock(NewJob.of("a").withQueueName("q"), "worker-2", "now() - interval '4 hours 1 minute'");

    JobRunner.runOnce(jobs, Tasks.of("a", job -> {}), RunnerOptions.DEFAULT);

    assertThat(jobs.list(JobFilter.ALL))
        .singleElement()
        .satisfies(job -> assertThat(job.id()).isEqualTo(young))
        .satisfies(job -> assertThat(job.lockedBy()).isEqualTo("worker-1"));
  }

  @Test
  void aRunnerThatWasTakenForDeadGoesOnUnderAnotherName() throws Exception {
    var begun = new CountDownLatch(1);
    var runs = new AtomicInteger();
    jobs.add("a", "{}");
    var runner =
        t.run(
            jobs,
            Tasks.of(
                "a",
                job -> {
                  if (runs.incrementAndGet() == 1) {
                    begun.countDown();
                    assertThat(job.abortSignal().await(Duration.ofSeconds(20))).isTrue();
                  }
                }),
            quick());
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    var name = runner.poolId();

    t.column("DELETE FROM millrace_pgjobs.runners");

    t.awaitCount("SELECT count(*) FROM graphile_worker.jobs", 0);
    // Whether the job is done by then or once more depends on who was faster; the next one is done.
    var before = runs.get();
    jobs.add("a", "{}");
    t.awaitCount("SELECT count(*) FROM graphile_worker.jobs", 0);
    assertThat(runs).hasValue(before + 1);
    assertThat(runner.poolId()).isNotEqualTo(name).startsWith("pool-").hasSize(23);
  }

  @Test
  void aJobWhoseLockWasFreedByHandIsDoneOnceAllTheSame() throws Exception {
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    jobs.add("a", "{}");
    // No other runner is there to begin it again meanwhile.
    var runner =
        t.run(
            jobs,
            Tasks.of(
                "a",
                job -> {
                  begun.countDown();
                  assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
                }),
            RunnerOptions.builder());
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

    jobs.forceUnlock(java.util.List.of(runner.poolId()));
    goOn.countDown();

    t.awaitCount("SELECT count(*) FROM graphile_worker.jobs", 0);
  }

  @Test
  void connectionsThatBreakLoseNothing() {
    Map<Long, AtomicInteger> runs = new ConcurrentHashMap<>();
    var tasks =
        Tasks.of(
            "a",
            job ->
                runs.computeIfAbsent(job.job().id(), id -> new AtomicInteger()).incrementAndGet());
    t.run(
        PgJobs.of(t.own(t.pool(12))),
        tasks,
        quick().concurrency(8).pollInterval(Duration.ofMillis(200)));

    for (var i = 0; i < 10; i++) {
      jobs.addAll(IntStream.range(0, 200).mapToObj(n -> NewJob.of("a")).toList());
      t.column(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND (query ~ 'SKIP LOCKED' OR query ~ 'DELETE FROM' OR query ~ 'LISTEN')
          """);
    }

    t.awaitCount("SELECT count(*) FROM graphile_worker.jobs", 0);
    assertThat(runs).hasSize(2_000);
    assertThat(runs.values()).allSatisfy(n -> assertThat(n.get()).isBetween(1, 2));
  }

  @Test
  void hearsOfJobsAgainAfterTheListeningConnectionBroke() {
    var done = new AtomicInteger();
    t.run(
        jobs,
        Tasks.of("a", job -> done.incrementAndGet()),
        RunnerOptions.builder().pollInterval(Duration.ofMinutes(5)));
    var listeners =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN \"pgjobs%'";
    t.awaitCount(listeners, 1);

    t.column(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND query LIKE 'LISTEN \"pgjobs%'");
    jobs.add("a", "{}");

    await().atMost(TestDatabase.LIMIT).until(() -> done.get() == 1);
    t.awaitCount(listeners, 1);
    jobs.add("a", "{}");
    await().atMost(TestDatabase.LIMIT).until(() -> done.get() == 2);
  }
}
