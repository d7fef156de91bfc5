package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks that fail, hang or break. */
class FailureIT {
  private final TestDatabase t = new TestDatabase();
  private final PgJobs jobs = t.jobs();

  @AfterEach
  void close() {
    t.close();
  }

  private Job fail(Task task, NewJob job) throws InterruptedException {
    var id = jobs.add(job).id();
    assertThat(JobRunner.runOnce(jobs, Tasks.of("a", task), RunnerOptions.DEFAULT).failed())
        .isEqualTo(1);
    var failed = jobs.find(id).orElseThrow();
    assertThat(failed.lockedAt()).isNull();
    return failed;
  }

  @Test
  void waitsLongerAfterEachFailure() throws InterruptedException {
    Task boom =
        job -> {
          throw new IllegalStateException("boom");
        };
    var id = jobs.add("a", "{}").id();
    var delays = new double[] {2.718, 7.389, 20.086};
    for (var attempt = 1; attempt <= delays.length; attempt++) {
      t.column("UPDATE graphile_worker._private_jobs SET run_at = now() WHERE id = ?", id);
      JobRunner.runOnce(jobs, Tasks.of("a", boom), RunnerOptions.DEFAULT);

      var job = jobs.find(id).orElseThrow();
      assertThat(job.attempts()).isEqualTo(attempt);
      assertThat(job.lastError()).isEqualTo("boom");
      assertThat(Duration.between(job.updatedAt(), job.runAt()).toMillis() / 1e3)
          .isCloseTo(delays[attempt - 1], within(0.01));
    }
  }

  @Test
  void isDeadAfterItsLastAttempt() throws InterruptedException {
    var job =
        fail(
            c -> {
              throw new IllegalStateException("boom");
            },
            NewJob.of("a").withMaxAttempts(1));

    assertThat(job.isDead()).isTrue();
  }

  @Test
  void isDeadWhenTheTaskSaysSo() throws InterruptedException {
    var job =
        fail(
            c -> {
              throw new PermanentFailureException("no such address");
            },
            NewJob.of("a"));

    assertThat(job.isDead()).isTrue();
    assertThat(job.lastError()).isEqualTo("no such address");
  }

  @Test
  void aPayloadOfAnotherShapeIsNotTriedAgain() throws InterruptedException {
    var job = fail(c -> c.payload(Mail.class), NewJob.of("a", "{\"to\": [1, {}]}"));

    assertThat(job.isDead()).isTrue();
    assertThat(job.lastError()).startsWith("the payload is no Mail");
  }

  private record Mail(int to) {}

  @Test
  void errorsOfTheMachineFailTheJobAndTheRunnerGoesOn() throws InterruptedException {
    assertThat(
            fail(
                    c -> {
                      throw new OutOfMemoryError("heap");
                    },
                    NewJob.of("a"))
                .lastError())
        .isEqualTo("OutOfMemoryError: heap");
    assertThat(fail(c -> recurse(1), NewJob.of("a")).lastError())
        .isEqualTo("java.lang.StackOverflowError");
  }

  private static int recurse(int n) {
    return n == 0 ? 0 : recurse(n + 1) + 1;
  }

  @Test
  void theTextIsBoundedAndCanBeStored() throws InterruptedException {
    var job =
        fail(
            c -> {
              throw new IllegalStateException("\0\uD83D" + "x".repeat(10_000_000));
            },
            NewJob.of("a"));

    assertThat(job.lastError())
        .startsWith("\uFFFD\uFFFDxxx")
        .hasSizeLessThan(9_000)
        .endsWith("(cut)");
  }

  @Test
  void aTaskThatHangsIsInterrupted() throws InterruptedException {
    var id = jobs.add("a", "{}").id();
    var tasks =
        Tasks.builder()
            .add("a", job -> new CountDownLatch(1).await(1, TimeUnit.HOURS), Duration.ofMillis(200))
            .build();

    JobRunner.runOnce(jobs, tasks, RunnerOptions.DEFAULT);

    assertThat(jobs.find(id).orElseThrow().lastError())
        .startsWith("the job took longer than 200 ms: ");
  }

  @Test
  void aTaskThatDoesNotEndLosesItsJobAndItsSlot() throws Exception {
    var goOn = new CountDownLatch(1);
    var others = new AtomicInteger();
    var hanging = jobs.add("hangs", "{}").id();
    jobs.add("a", "{}");
    var tasks =
        Tasks.builder()
            .add(
                "hangs",
                job -> {
                  while (goOn.getCount() > 0) {
                    try {
                      var _ = goOn.await(1, TimeUnit.HOURS);
                    } catch (InterruptedException e) {
                      // It does not listen.
                    }
                  }
                },
                Duration.ofMillis(100))
            .add("a", job -> others.incrementAndGet())
            .build();
    t.run(jobs, tasks, RunnerOptions.builder().abortGrace(Duration.ofMillis(200)));

    t.awaitCount("SELECT count(*) FROM graphile_worker.jobs", 1);
    t.awaitCount("SELECT count(*) FROM graphile_worker.jobs WHERE locked_at IS NULL", 1);

    assertThat(others).hasValue(1);
    assertThat(jobs.find(hanging).orElseThrow().lastError())
        .isEqualTo("the job took longer than 100 ms and did not end when it was told to");
    goOn.countDown();
  }

  @Test
  void largePayloadsAreReadOneAfterTheOther() throws InterruptedException {
    var large = "{\"x\":\"" + "y".repeat(50_000_000) + "\"}";
    var ids = new long[] {jobs.add("a", large).id(), jobs.add("a", large).id()};
    var read = new AtomicInteger();
    var options = RunnerOptions.builder().concurrency(4).payloadBudget(60_000_000).build();

    JobRunner.runOnce(
        jobs, Tasks.of("a", job -> read.addAndGet(job.payloadText().length())), options);

    assertThat(read).hasValue(2 * large.length());
    assertThat(jobs.find(ids[0])).isEmpty();
    assertThat(jobs.find(ids[1])).isEmpty();
  }

  @Test
  void aPayloadBeyondTheBudgetFailsItsJobAlone() throws InterruptedException {
    var id = jobs.add("a", "{\"x\":\"" + "y".repeat(50_000_000) + "\"}").id();
    jobs.add("a", "{}");

    var summary =
        JobRunner.runOnce(
            jobs,
            Tasks.of("a", job -> {}),
            RunnerOptions.builder().payloadBudget(10_000_000).build());

    assertThat(summary).isEqualTo(new RunSummary(1, 1));
    assertThat(jobs.find(id).orElseThrow().lastError())
        .isEqualTo(
            "its payload has 50,000,008 bytes, more than the 9,999,360 that payloadBudget allows");
  }

  @Test
  void cancelsAJobOfItsOwn() throws Exception {
    var begun = new CountDownLatch(1);
    var id = jobs.add("a", "{}").id();
    var runner =
        t.run(
            jobs,
            Tasks.of(
                "a",
                job -> {
                  begun.countDown();
                  assertThat(job.abortSignal().await(Duration.ofMinutes(1))).isTrue();
                  throw new IllegalStateException("ended");
                }),
            RunnerOptions.builder());
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

    assertThat(runner.cancel(id, "not wanted any more")).isTrue();
    assertThat(runner.cancel(-1, "no such job")).isFalse();

    t.awaitCount("SELECT count(*) FROM graphile_worker.jobs WHERE last_error IS NOT NULL", 1);
    assertThat(jobs.find(id).orElseThrow().lastError()).startsWith("not wanted any more: ");
  }

  @Test
  void serialisationFailuresAreTriedAgain() throws InterruptedException {
    var attempts = new AtomicInteger();
    jobs.add("a", "{}");

    JobRunner.runOnce(
        jobs,
        Tasks.of(
            "a",
            job ->
                job.transaction(tx ->
                    attempts.incrementAndGet() < 3
                        ? tx.query(
                            "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")
                        : tx.query("SELECT 1"))),
        RunnerOptions.DEFAULT);

    assertThat(attempts).hasValue(3);
    assertThat(jobs.list(JobFilter.ALL)).isEmpty();
  }
}
