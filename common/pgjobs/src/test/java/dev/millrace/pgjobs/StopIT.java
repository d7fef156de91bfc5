package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stopping leaves nothing locked, which graphile-worker 0.17 and 0.18 do after SIGTERM. */
class StopIT {
  private static final String LOCKED =
      "SELECT count(*) FROM graphile_worker.jobs WHERE locked_at IS NOT NULL";
  private static final String RUNNERS = "SELECT count(*) FROM millrace_pgjobs.runners";

  private final TestDatabase t = new TestDatabase();
  private final PgJobs jobs = t.jobs();

  @AfterEach
  void close() {
    t.close();
  }

  @Test
  void waitsForWhatRuns() throws Exception {
    var begun = new CountDownLatch(1);
    jobs.add("a", "{}");
    var runner =
        t.run(
            jobs,
            Tasks.of(
                "a",
                job -> {
                  begun.countDown();
                  var _ = job.abortSignal().await(Duration.ofMillis(300));
                }),
            RunnerOptions.builder());
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

    runner.stop(Duration.ofSeconds(20));

    assertThat(jobs.list(JobFilter.ALL)).isEmpty();
    assertThat(t.count(RUNNERS)).isZero();
    assertThat(runner.isRunning()).isFalse();
    assertThat(runner.whenStopped()).isCompleted();
  }

  @Test
  void abortsWhatTakesTooLong() throws Exception {
    var begun = new CountDownLatch(1);
    var id = jobs.add("a", "{}").id();
    var runner =
        t.run(
            jobs,
            Tasks.of(
                "a",
                job -> {
                  begun.countDown();
                  var _ = new CountDownLatch(1).await(100, TimeUnit.SECONDS);
                }),
            RunnerOptions.builder());
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

    runner.stop(Duration.ofMillis(100));

    var job = jobs.find(id).orElseThrow();
    assertThat(job.lockedAt()).isNull();
    assertThat(job.attempts()).isEqualTo(1);
    assertThat(job.lastError()).startsWith("the runner stops: ");
  }

  @Test
  void failsWhatDoesNotEnd() throws Exception {
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var id = jobs.add(NewJob.of("a").withQueueName("q")).id();
    var runner =
        t.run(
            jobs,
            Tasks.of(
                "a",
                job -> {
                  begun.countDown();
                  while (goOn.getCount() > 0) {
                    Thread.onSpinWait();
                  }
                }),
            RunnerOptions.builder().abortGrace(Duration.ofMillis(200)));
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

    runner.stop(Duration.ofMillis(100));
    goOn.countDown();

    var job = jobs.find(id).orElseThrow();
    assertThat(job.lockedAt()).isNull();
    assertThat(job.lastError()).contains("did not end when it was told to");
    assertThat(
            t.count(
                "SELECT count(*) FROM graphile_worker._private_job_queues"
                    + " WHERE locked_at IS NOT NULL"))
        .isZero();
  }

  @Test
  void givesBackWhatStandsInLine() throws Exception {
    var begun = new CountDownLatch(1);
    jobs.addAll(IntStream.range(0, 50).mapToObj(i -> NewJob.of("a")).toList());
    var runner =
        t.run(
            jobs,
            Tasks.of(
                "a",
                job -> {
                  begun.countDown();
                  var _ = job.abortSignal().await(Duration.ofMillis(300));
                }),
            RunnerOptions.builder().localQueue(LocalQueue.of(50)));
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(t.count(LOCKED)).isGreaterThan(40);

    runner.stop(Duration.ofSeconds(20));

    assertThat(t.count(LOCKED)).isZero();
    assertThat(jobs.list(JobFilter.ALL))
        .hasSizeGreaterThan(40)
        .allSatisfy(job -> assertThat(job.attempts()).isZero());
  }

  @Test
  void givesBackWhatStoodInLineForTooLong() {
    jobs.addAll(IntStream.range(0, 50).mapToObj(i -> NewJob.of("a")).toList());
    var goOn = new CountDownLatch(1);
    t.run(
        jobs,
        Tasks.of("a", job -> assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue()),
        RunnerOptions.builder()
            .pollInterval(Duration.ofMinutes(5))
            .localQueue(LocalQueue.of(50).withTtl(Duration.ofMillis(300))));
    t.awaitCount(LOCKED, 50);

    await()
        .atMost(TestDatabase.LIMIT)
        .until(() ->
            t.count("SELECT max(attempts) FROM graphile_worker.jobs WHERE locked_at IS NULL") == 0
                && t.count(LOCKED) < 50);
    goOn.countDown();
  }

  @Test
  void stopsInTheMiddleOfManyWithoutLosingOne() {
    var runs = new AtomicInteger();
    jobs.addAll(IntStream.range(0, 3_000).mapToObj(i -> NewJob.of("a")).toList());
    var left = 3_000L;
    for (var i = 0; i < 5 && left > 0; i++) {
      var before = runs.get();
      var runner =
          t.run(
              jobs,
              Tasks.of("a", job -> runs.incrementAndGet()),
              RunnerOptions.builder().concurrency(5).localQueue(LocalQueue.of(100)));
      await().atMost(TestDatabase.LIMIT).until(() -> runs.get() > before);
      runner.stop(Duration.ofSeconds(20));

      left = t.count("SELECT count(*) FROM graphile_worker.jobs");
      assertThat(t.count(LOCKED)).isZero();
      assertThat(left + runs.get()).isEqualTo(3_000);
    }
  }

  @Test
  void stopsWhenTheSchemaBreaksWithIt() {
    var runner = t.run(jobs, Tasks.of("a", job -> {}), RunnerOptions.builder());
    await()
        .atMost(TestDatabase.LIMIT)
        .until(() ->
            t.count("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN \"pgjobs%'")
                > 0);
    t.column("SELECT pg_notify('worker:migrate', 'what?')");
    t.column(
        "SELECT pg_notify('worker:migrate', '{\"migrationNumber\": 21, \"breaking\": false}')");
    t.column("SELECT pg_notify('worker:migrate', '{\"migrationNumber\": 22, \"breaking\": true}')");

    await()
        .atMost(TestDatabase.LIMIT)
        .until(() -> !runner.isRunning() && runner.whenStopped().isDone());

    assertThat(Objects.requireNonNull(runner.whenStopped().exceptionNow()))
        .hasMessageContaining("revision 22");
  }
}
