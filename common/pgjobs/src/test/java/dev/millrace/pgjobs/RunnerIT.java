package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Doing jobs. */
class RunnerIT {
  private static final String JOBS = "SELECT count(*) FROM graphile_worker.jobs";

  private final TestDatabase t = new TestDatabase();
  private final PgJobs jobs = t.jobs();
  private final Queue<String> done = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    t.close();
  }

  private Task note() {
    return job -> done.add(job.payloadText());
  }

  private static RunnerOptions.Builder slowPolling() {
    return RunnerOptions.builder().pollInterval(Duration.ofMinutes(5));
  }

  @Test
  void doesAJobAndDeletesItsRow() {
    jobs.add("a", "{\"n\":1}");

    t.run(jobs, Tasks.of("a", note()), slowPolling());

    t.awaitCount(JOBS, 0);
    assertThat(done).containsExactly("{\"n\":1}");
  }

  @Test
  void hearsOfJobsWithoutPolling() {
    t.run(jobs, Tasks.of("a", note()), slowPolling());
    await()
        .until(() ->
            t.count("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN \"pgjobs%'") > 0
                || !done.isEmpty());

    for (var i = 1; i <= 5; i++) {
      jobs.add("a", "{}");
      var wanted = i;
      await().atMost(TestDatabase.LIMIT).until(() -> done.size() == wanted);
    }
  }

  @Test
  void findsByPollingWhatItDoesNotHearOf() {
    t.run(
        jobs,
        Tasks.of("a", note()),
        RunnerOptions.builder().transactionPooling(true).pollInterval(Duration.ofMillis(50)));

    jobs.add("a", "{}");

    t.awaitCount(JOBS, 0);
  }

  @Test
  void runsAsManyAtOnceAsItMay() throws Exception {
    var together = new CyclicBarrier(5);
    IntStream.range(0, 5).forEach(i -> jobs.add("a", "{}"));

    t.run(
        jobs,
        Tasks.of("a", job -> together.await(20, TimeUnit.SECONDS)),
        slowPolling().concurrency(5));

    t.awaitCount(JOBS, 0);
  }

  @Test
  void takesSmallerPrioritiesThenOlderJobsFirst() throws InterruptedException {
    var now = Instant.now().minusSeconds(60);
    jobs.add(NewJob.of("a", "4").withPriority(5).withRunAt(now));
    jobs.add(NewJob.of("a", "3").withRunAt(now.plusSeconds(2)));
    jobs.add(NewJob.of("a", "2").withRunAt(now.plusSeconds(1)).withQueueName("q"));
    jobs.add(NewJob.of("a", "1").withPriority(-1).withRunAt(now.plusSeconds(3)));
    jobs.add(
        NewJob.of("a", "\"later\"").withPriority(-9).withRunAt(Instant.now().plusSeconds(600)));

    JobRunner.runOnce(jobs, Tasks.of("a", note()), RunnerOptions.DEFAULT);

    assertThat(done).containsExactly("1", "2", "3", "4");
  }

  @Test
  void leavesUnknownTasksToOthers() throws InterruptedException {
    jobs.add("theirs", "{}");
    jobs.add("ours", "{}");

    JobRunner.runOnce(jobs, Tasks.of("ours", note()), RunnerOptions.DEFAULT);

    assertThat(jobs.list(JobFilter.ALL))
        .singleElement()
        .satisfies(job -> assertThat(job.task()).isEqualTo("theirs"))
        .satisfies(job -> assertThat(job.attempts()).isZero())
        .satisfies(job -> assertThat(job.lockedBy()).isNull());
  }

  @Test
  void leavesForbiddenFlagsToOthers() throws InterruptedException {
    jobs.add(NewJob.of("a", "1").withFlags("gpu", "x"));
    jobs.add(NewJob.of("a", "2").withFlags("y").withQueueName("q"));
    jobs.add(NewJob.of("a", "3").withFlags("gpu").withQueueName("q"));

    var options =
        RunnerOptions.builder()
            .forbiddenFlags(() -> Set.of("gpu", "unknown"))
            .localQueue(LocalQueue.of(10))
            .build();
    JobRunner.runOnce(jobs, Tasks.of("a", note()), options);

    assertThat(done).containsExactly("2");
    assertThat(jobs.list(JobFilter.ALL)).allSatisfy(job -> assertThat(job.attempts()).isZero());
  }

  @Test
  void anUpdateOfTheKeyWhileItRunsIsANewJob() throws Exception {
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var runs = new AtomicInteger();
    jobs.add(NewJob.of("a", "1").withJobKey("k"));
    t.run(
        jobs,
        Tasks.of(
            "a",
            job -> {
              if (runs.incrementAndGet() == 1) {
                begun.countDown();
                assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
              }
              done.add(job.payloadText());
            }),
        slowPolling());
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

    jobs.add(NewJob.of("a", "2").withJobKey("k"));
    goOn.countDown();

    t.awaitCount(JOBS, 0);
    assertThat(done).containsExactly("1", "2");
  }

  @Test
  void batchJobsTryTheFailedItemsAgain() throws InterruptedException {
    jobs.add(NewJob.of("a", "[1]").withJobKey("k"));
    jobs.add(NewJob.of("a", "[2,3]").withJobKey("k"));
    var tasks =
        Tasks.builder()
            .addBatch(
                "a",
                batch -> {
                  done.add(batch.items().toString());
                  batch.fail(1, new IllegalStateException("two"));
                  batch.fail(2, new IllegalStateException("three"));
                })
            .build();

    JobRunner.runOnce(jobs, tasks, RunnerOptions.DEFAULT);

    assertThat(done).containsExactly("[1, 2, 3]");
    var left = jobs.list(JobFilter.ALL).getFirst();
    assertThat(jobs.payload(left.id())).contains("[2,3]");
    assertThat(left.lastError()).isEqualTo("2 of 3 items failed: two; three");
  }

  @Test
  void helpersAddQueryAndCompleteInOneTransaction() throws InterruptedException {
    t.column("CREATE TABLE sent (id bigint)");
    jobs.add("first", "{\"n\":41}");
    var tasks =
        Tasks.builder()
            .add(
                "first",
                job -> {
                  var rows = job.query("SELECT ?::int + 1 AS n", job.payload().path("n").asInt());
                  job.addJob(NewJob.of("second", "{\"n\":%s}".formatted(rows.getFirst().get("n"))));
                  job.logger().info("Adds the second");
                })
            .add(
                "second",
                job ->
                    job.completeWith(tx -> {
                      tx.update("INSERT INTO sent VALUES (?)", job.payload(Invoice.class).n());
                      return tx.addJob(NewJob.of("third", job.payloadText()));
                    }))
            .add("third", note())
            .build();

    var summary = JobRunner.runOnce(jobs, tasks, RunnerOptions.DEFAULT);

    assertThat(summary.completed()).isEqualTo(3);
    assertThat(t.column("SELECT id FROM sent")).containsExactly("42");
    assertThat(done).containsExactly("{\"n\":42}");
  }

  private record Invoice(long n) {}

  @Test
  void whatFailsWithACompletionIsNotThere() throws InterruptedException {
    jobs.add("first", "{}");
    var tasks =
        Tasks.of(
            "first",
            job ->
                job.completeWith(tx -> {
                  tx.addJob(NewJob.of("never"));
                  return tx.query("SELECT 1 / 0");
                }));

    JobRunner.runOnce(jobs, tasks, RunnerOptions.DEFAULT);

    assertThat(jobs.list(JobFilter.ALL))
        .singleElement()
        .satisfies(job -> assertThat(job.lastError()).contains("division by zero"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void twoRunnersDoEachJobOnce(boolean local) {
    Map<Long, AtomicInteger> runs = new ConcurrentHashMap<>();
    var tasks =
        Tasks.of(
            "a",
            job ->
                runs.computeIfAbsent(job.job().id(), id -> new AtomicInteger()).incrementAndGet());
    for (var i = 0; i < 2; i++) {
      t.run(
          jobs, tasks, slowPolling().concurrency(10).localQueue(local ? LocalQueue.of(100) : null));
    }

    for (var i = 0; i < 10; i++) {
      jobs.addAll(IntStream.range(0, 500).mapToObj(n -> NewJob.of("a")).toList());
    }

    t.awaitCount(JOBS, 0);
    assertThat(runs).hasSize(5_000).allSatisfy((id, n) -> assertThat(n.get()).isEqualTo(1));
  }

  @Test
  void aClockOfOnesOwnSaysWhatIsDue() throws InterruptedException {
    var later = Instant.now().plus(Duration.ofDays(2));
    jobs.add(NewJob.of("a", "1").withRunAt(later.minusSeconds(1)));
    jobs.add(NewJob.of("a", "2").withRunAt(later.plusSeconds(1)));

    JobRunner.runOnce(
        jobs, Tasks.of("a", note()), RunnerOptions.builder().clock(() -> later).build());

    assertThat(done).containsExactly("1");
  }

  @Test
  void onceTakesWhatIsAddedMeanwhile() throws InterruptedException {
    jobs.add("a", "3");
    var tasks =
        Tasks.of(
            "a",
            job -> {
              var left = job.payload().asInt();
              if (left > 0) {
                job.addJob(NewJob.of("a", Integer.toString(left - 1)).withQueueName("q"));
              }
            });

    assertThat(JobRunner.runOnce(jobs, tasks, RunnerOptions.DEFAULT))
        .isEqualTo(new RunSummary(4, 0));
    assertThat(jobs.list(JobFilter.ALL)).isEmpty();
  }

  @Test
  void tellsItsListenerInOrder() throws InterruptedException {
    jobs.add("good", "{}");
    jobs.add(NewJob.of("bad").withMaxAttempts(1));
    var events = new ConcurrentLinkedQueue<String>();
    var listener =
        new RunnerListener() {
          @Override
          public void started(Job job) {
            events.add("started " + job.task());
          }

          @Override
          public void completed(Job job, Duration took) {
            events.add("completed " + job.task());
          }

          @Override
          public void failed(Job job, String reason, boolean willRetry) {
            events.add("failed " + job.task() + " " + reason + " " + willRetry);
            throw new IllegalStateException("listeners may fail");
          }
        };
    var tasks =
        Tasks.builder()
            .add("good", job -> {})
            .add(
                "bad",
                job -> {
                  throw new IllegalStateException("boom");
                })
            .build();

    JobRunner.runOnce(jobs, tasks, RunnerOptions.builder().listener(listener).build());

    assertThat(List.copyOf(events))
        .containsSubsequence("started good", "completed good")
        .containsSubsequence("started bad", "failed bad boom false");
  }
}
