package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Named queues: one job at a time and in order, and fast, which graphile-worker 0.17 and 0.18 are
 * not.
 */
class QueueIT {
  private static final String JOBS = "SELECT count(*) FROM graphile_worker.jobs";

  private final TestDatabase t = new TestDatabase();
  private final PgJobs jobs = t.jobs();
  private final Queue<Integer> order = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    t.close();
  }

  private void add(int count, int queues) {
    jobs.addAll(
        IntStream.range(0, count)
            .mapToObj(i ->
                NewJob.of("a", Integer.toString(i))
                    .withPriority(i / queues)
                    .withQueueName("q" + i % queues))
            .toList());
  }

  @Test
  void tenJobsOfOneQueueTakeTenTimesTheirTime() throws InterruptedException {
    var tasks =
        Tasks.of(
            "a",
            job -> {
              var _ = job.abortSignal().await(Duration.ofMillis(20));
              order.add(job.payload().asInt());
            });
    t.run(jobs, tasks, RunnerOptions.builder().concurrency(4));

    var began = System.nanoTime();
    add(10, 1);
    t.awaitCount(JOBS, 0);

    // 0.17 and 0.18 take eight seconds and more: a poll interval for each job.
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
    assertThat(order).containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void onceLeavesNothingOfAQueue(boolean local) throws InterruptedException {
    add(6, 1);

    var options = RunnerOptions.builder().localQueue(local ? LocalQueue.of(10) : null).build();
    JobRunner.runOnce(jobs, Tasks.of("a", job -> order.add(job.payload().asInt())), options);

    assertThat(order).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(t.count(JOBS)).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void neverTwoAtOnceHoweverManyRunners(boolean local) {
    Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
    Map<String, Queue<Integer>> done = new ConcurrentHashMap<>();
    var violations = new ConcurrentLinkedQueue<String>();
    var tasks =
        Tasks.of(
            "a",
            job -> {
              var queue = String.valueOf(job.job().queueName());
              var count = running.computeIfAbsent(queue, name -> new AtomicInteger());
              if (count.incrementAndGet() > 1) {
                violations.add(queue);
              }
              Thread.onSpinWait();
              done.computeIfAbsent(queue, name -> new ConcurrentLinkedQueue<>())
                  .add(job.payload().asInt());
              count.decrementAndGet();
            });
    add(600, 6);
    for (var i = 0; i < 3; i++) {
      t.run(
          jobs,
          tasks,
          RunnerOptions.builder()
              .concurrency(8)
              .pollInterval(Duration.ofMillis(500))
              .localQueue(local ? LocalQueue.of(50) : null));
    }

    t.awaitCount(JOBS, 0);
    assertThat(violations).isEmpty();
    assertThat(done).hasSize(6);
    assertThat(done.values())
        .allSatisfy(list -> assertThat(List.copyOf(list)).isSorted().hasSize(100));
    assertThat(
            t.count(
                "SELECT count(*) FROM graphile_worker._private_job_queues WHERE locked_at IS NOT NULL"))
        .isZero();
  }

  @Test
  void aThousandQueuesAreAllServed() {
    add(3_000, 1_000);

    t.run(
        jobs,
        Tasks.of("a", job -> order.add(job.payload().asInt())),
        RunnerOptions.builder().concurrency(50));

    t.awaitCount(JOBS, 0);
    assertThat(order).hasSize(3_000);
  }

  @Test
  void aFailedJobDoesNotHoldUpThoseBehindIt() throws InterruptedException {
    add(3, 1);

    JobRunner.runOnce(
        jobs,
        Tasks.of(
            "a",
            job -> {
              if (job.payload().asInt() == 0) {
                throw new IllegalStateException("boom");
              }
              order.add(job.payload().asInt());
            }),
        RunnerOptions.DEFAULT);

    assertThat(order).containsExactly(1, 2);
    assertThat(jobs.list(JobFilter.ALL)).hasSize(1);
  }

  @Test
  void jobsBehindLockedQueuesAreNotInTheWay() throws InterruptedException {
    t.column(
        """
        INSERT INTO graphile_worker._private_job_queues (queue_name, locked_at, locked_by)
        VALUES ('stuck1', now(), 'other'), ('stuck2', now(), 'other')
        """);
    t.column(
        """
        SELECT graphile_worker.add_jobs(array_agg(
          ('a', null, 'stuck' || i % 2 + 1, null, null, null, -1, null)::graphile_worker.job_spec))
        FROM generate_series(1, 100000) i
        """);
    jobs.addAll(
        IntStream.range(0, 1_000).mapToObj(i -> NewJob.of("a", Integer.toString(i))).toList());
    t.column("VACUUM ANALYZE graphile_worker._private_jobs");

    var began = System.nanoTime();
    JobRunner.runOnce(
        jobs,
        Tasks.of("a", job -> order.add(job.payload().asInt())),
        RunnerOptions.builder().concurrency(10).build());

    assertThat(order).hasSize(1_000);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began)).isLessThan(10);
    assertThat(List.copyOf(order)).doesNotHaveDuplicates();
  }

  /** Its key may be given again, with another queue, at any moment of a claim. */
  @Test
  void aJobThatMovesToAnotherQueueLeavesNoQueueLocked() throws Exception {
    var sql = new Sql("graphile_worker");
    var source = new JobSource(sql, Set.of("a"), null);
    var heartbeat = new Heartbeat(sql, "graphile_worker", Duration.ofMinutes(1));
    var claims = new AtomicInteger();
    try (var connection = t.pool.getConnection();
        var movers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var mover = 0; mover < 2; mover++) {
        var key = "k" + mover;
        var _ =
            movers.submit(() -> {
              for (var i = 0; claims.get() < 2_000; i++) {
                jobs.add(NewJob.of("a", "0").withJobKey(key).withQueueName("q" + i % 5));
              }
            });
      }
      var foreign =
          """
          SELECT count(*) FROM graphile_worker._private_job_queues q WHERE q.locked_by = 'mine'
            AND NOT EXISTS (SELECT FROM graphile_worker._private_jobs j
              WHERE j.job_queue_id = q.id AND j.locked_by = 'mine')
          """;
      try {
        while (claims.get() < 2_000) {
          if (!source.fetch(connection, "mine", 4, Set.of()).isEmpty()) {
            claims.incrementAndGet();
            assertThat(t.count(foreign)).as("claim %d", claims.get()).isZero();
            heartbeat.freeOwn(connection, "mine");
          }
        }
      } finally {
        claims.set(2_000);
      }
    }
  }
}
