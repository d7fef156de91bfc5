package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Workers among each other, and how they end. */
class WorkerIT {
  private TestQueue q;

  @BeforeEach
  void open() {
    q = new TestQueue(TestRedis.url());
  }

  @AfterEach
  void close() {
    q.close();
  }

  private static final class Recorder implements WorkerListener {
    final List<String> lost = new CopyOnWriteArrayList<>();
    final List<String> stalled = new CopyOnWriteArrayList<>();
    final List<String> unprocessed = new CopyOnWriteArrayList<>();
    final List<Throwable> errors = new CopyOnWriteArrayList<>();

    @Override
    public void failedBeforeProcessing(Job job, String reason) {
      unprocessed.add(job.id() + " " + reason);
    }

    @Override
    public void stalled(String jobId) {
      stalled.add(jobId);
    }

    @Override
    public void lockLost(Job job) {
      lost.add(job.id());
    }

    @Override
    public void error(Throwable error) {
      errors.add(error);
    }
  }

  @Test
  void twoWorkersProcessEveryJobExactlyOnce() {
    var count = 10_000;
    var seen = new ConcurrentHashMap<String, AtomicInteger>();
    Processor processor =
        job -> {
          seen.computeIfAbsent(job.id(), _ -> new AtomicInteger()).incrementAndGet();
          return null;
        };
    var options = TestQueue.workerOptions().concurrency(50).removeOnComplete(KeepJobs.NONE).build();
    q.start(processor, options);
    q.start(processor, options);

    q.queue.addBulk(
        IntStream.range(0, count).mapToObj(i -> new NewJob("j", "{}", JobOptions.NONE)).toList());

    await().atMost(Duration.ofSeconds(60)).until(() -> seen.size() == count);
    await().until(() -> q.queue.counts().equals(new JobCounts(0, 0, 0, 0, 0, 0, 0)));
    assertThat(seen.values()).allMatch(times -> times.get() == 1);
    // Nothing is left but the queue's own keys.
    assertThat(q.redis().keys(q.key("*")))
        .containsExactlyInAnyOrder(
            q.key("meta"), q.key("events"), q.key("id"), q.key("stalled-check"));
  }

  @Test
  void addsOfManyThreadsTravelTogether() throws InterruptedException {
    var threads = new ArrayList<Thread>();
    for (var i = 0; i < 500; i++) {
      threads.add(Thread.ofVirtual().start(() -> q.add("j")));
    }
    for (var thread : threads) {
      thread.join();
    }
    assertThat(q.queue.counts().waiting()).isEqualTo(500);
  }

  @Test
  void aLongJobKeepsItsLock() throws InterruptedException {
    var recorder = new Recorder();
    var release = new CountDownLatch(1);
    var options =
        TestQueue.workerOptions()
            .lockDuration(Duration.ofMillis(600))
            .stalledInterval(Duration.ofMillis(200))
            .listener(recorder)
            .build();
    q.add("long");
    q.start(
        _ -> {
          assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
          return "1";
        },
        options);
    await().pollDelay(Duration.ofSeconds(2)).until(() -> q.queue.state("1") == JobState.ACTIVE);
    release.countDown();
    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
    assertThat(recorder.lost).isEmpty();
    assertThat(recorder.stalled).isEmpty();
  }

  @Test
  void aJobThatLosesItsLockIsCancelled() {
    var recorder = new Recorder();
    var cancelled = new CountDownLatch(1);
    var options =
        TestQueue.workerOptions().lockDuration(Duration.ofMillis(800)).listener(recorder).build();
    q.add("j");
    q.start(
        job -> {
          job.onCancel(cancelled::countDown);
          q.redis().set(q.key("1:lock"), "another");
          assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
          assertThat(job.cancelReason()).contains("could not renew lock for job 1");
          return null;
        },
        options);

    await().until(() -> !recorder.errors.isEmpty());
    assertThat(recorder.lost).containsExactly("1");
    assertThat(recorder.errors.getFirst())
        .isInstanceOf(JobOperationException.LockLost.class)
        .hasMessage("Lock mismatch for job 1. Cmd moveToFinished from active");
    assertThat(q.redis().get(q.key("1:lock"))).isEqualTo("another");
  }

  @Test
  void aDeadWorkersJobIsRecovered() {
    var dead = WorkerOptions.builder().lockDuration(Duration.ofMillis(100)).build();
    q.add("j");
    assertThat(q.manualSource(dead).fetch(1).jobs()).hasSize(1);
    var recorder = new Recorder();

    q.start(
        _ -> "1",
        TestQueue.workerOptions()
            .stalledInterval(Duration.ofMillis(300))
            .listener(recorder)
            .build());

    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
    assertThat(recorder.stalled).containsExactly("1");
    assertThat(q.queue.job("1").orElseThrow().stalledCount()).isEqualTo(1);
    assertThat(q.events())
        .containsSubsequence(
            "event active jobId 1 prev waiting",
            "event waiting jobId 1 prev active",
            "event stalled jobId 1",
            "event active jobId 1 prev waiting");
  }

  @Test
  void aJobThatStallsTooOftenFailsWithoutBeingRun() {
    stallOnce(false);
    var recorder = new Recorder();
    q.start(
        _ -> "1",
        TestQueue.workerOptions()
            .stalledInterval(Duration.ofMillis(200))
            .maxStalledCount(0)
            .listener(recorder)
            .build());

    await().until(() -> q.queue.state("1") == JobState.FAILED);
    await().until(() -> !recorder.unprocessed.isEmpty());
    assertThat(recorder.unprocessed).containsExactly("1 job stalled more than allowable limit");
    assertThat(q.queue.job("1").orElseThrow().deferredFailure()).isNull();
  }

  @Test
  void oldFleetsSeeAStalledJobFailAtOnce() {
    stallOnce(true);
    q.start(
        _ -> "1",
        TestQueue.workerOptions()
            .stalledInterval(Duration.ofMillis(200))
            .maxStalledCount(0)
            .compat(Compat.V5)
            .eagerFail(true)
            .build());

    await().until(() -> q.queue.state("1") == JobState.FAILED);
    assertThat(q.queue.job("1").orElseThrow().failedReason())
        .isEqualTo("job stalled more than allowable limit");
    assertThat(q.redis().hget(q.key("1"), "stalledCounter")).isEqualTo("1");
    assertThat(q.events())
        .contains(
            "event failed jobId 1 prev active failedReason job stalled more than allowable limit");
  }

  private void stallOnce(boolean v5) {
    var dead =
        WorkerOptions.builder()
            .lockDuration(Duration.ofMillis(50))
            .compat(v5 ? Compat.V5 : Compat.V6)
            .build();
    q.add("j", JobOptions.builder().attempts(3));
    assertThat(q.manualSource(dead).fetch(1).jobs()).hasSize(1);
  }

  @Test
  void stoppingHandsBackWhatIsNotDone() {
    q.add("stubborn");
    q.add("polite");
    q.add("quick");
    var started = new CountDownLatch(3);
    var end = new CountDownLatch(1);
    var worker =
        q.start(
            job -> {
              started.countDown();
              switch (job.job().name()) {
                case "polite" -> {
                  var cancelled = new CountDownLatch(1);
                  job.onCancel(cancelled::countDown);
                  assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
                  throw new IllegalStateException("cancelled");
                }
                case "stubborn" -> assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
                default -> assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
              }
              return "1";
            },
            TestQueue.workerOptions().concurrency(3).build());
    await().until(() -> q.queue.counts().completed() == 1);

    assertThat(worker.stop(Duration.ofMillis(200))).isFalse();
    end.countDown();

    assertThat(q.queue.counts().active()).isZero();
    assertThat(q.queue.counts().failed()).isZero();
    assertThat(q.redis().lrange(q.key("wait"), 0, -1)).containsExactlyInAnyOrder("1", "2");
    assertThat(q.queue.job("2").orElseThrow().attemptsMade()).isZero();
    assertThat(q.redis().exists(q.key("1:lock"), q.key("2:lock"))).isZero();
    assertThat(worker.activeCount()).isZero();
  }

  @Test
  void stoppingAtAnyMomentLeavesNoJobBehind() {
    var count = 300;
    var runs = new ConcurrentHashMap<String, AtomicInteger>();
    for (var i = 0; i < count; i++) {
      q.add("j");
    }
    while (runs.size() < count) {
      var worker =
          q.start(
              job -> {
                runs.computeIfAbsent(job.id(), _ -> new AtomicInteger()).incrementAndGet();
                return null;
              },
              TestQueue.workerOptions().concurrency(2).removeOnComplete(KeepJobs.NONE).build());
      await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> worker.activeCount() > 0 || runs.size() == count);
      assertThat(worker.stop(Duration.ofSeconds(5))).isTrue();
      assertThat(q.queue.counts().active()).isZero();
    }
    assertThat(runs.values()).allMatch(times -> times.get() == 1);
  }

  @Test
  void aSingleJobCanBeCancelled() {
    q.add("j");
    var worker =
        q.start(job -> {
          var cancelled = new CountDownLatch(1);
          job.onCancel(cancelled::countDown);
          assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
          throw new UnrecoverableJobException(job.cancelReason().orElseThrow());
        });
    await().until(() -> worker.cancelJob("1", "not wanted"));

    await().until(() -> q.queue.state("1") == JobState.FAILED);
    assertThat(q.queue.job("1").orElseThrow().failedReason()).isEqualTo("not wanted");
    assertThat(worker.cancelJob("1", "again")).isFalse();
  }

  @Test
  void idlePollsShowThatTheWorkerConsumes() {
    var worker = q.start(_ -> null, TestQueue.workerOptions().build());
    var now = Instant.now();
    await().until(() -> worker.lastFetch().isAfter(now.plusMillis(500)));
    q.add("j");
    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
  }

  @Test
  void anIdleWorkerStartsAJobAtOnce() {
    var startedAt = new AtomicLong();
    q.start(
        _ -> {
          startedAt.set(System.nanoTime());
          return null;
        },
        WorkerOptions.DEFAULT);
    q.add("warm-up");
    await().until(() -> startedAt.get() > 0);
    var fastest = Long.MAX_VALUE;
    for (var i = 0; i < 10; i++) {
      startedAt.set(0);
      var addedAt = System.nanoTime();
      q.add("j");
      await().pollInterval(Duration.ofMillis(1)).until(() -> startedAt.get() > 0);
      fastest = Math.min(fastest, startedAt.get() - addedAt);
    }
    assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofMillis(50));
  }

  @Test
  void dashboardsFindTheWorkerByItsConnection() {
    q.start(_ -> null, TestQueue.workerOptions().name("w1").build());
    var name = new Keys("bull", q.name).workerClientName("w1");
    await().until(() -> q.redis().clientList().contains("name=" + name + " "));
  }

  @Test
  void aReplyThatNeverArrivedIsUndone() {
    var source = q.manualSource(WorkerOptions.DEFAULT);
    q.add("a");
    q.add("b", JobOptions.builder().priority(3));
    var taken = source.fetch(2).jobs();
    var scripts = new Scripts(q.connections, new Keys("bull", q.name), Compat.V6, false);
    var arguments = scripts.arguments(System.currentTimeMillis());
    arguments.add(taken.getFirst().token());

    assertThat(scripts.call(Script.RECLAIM, arguments)).hasSize(2);

    assertThat(q.queue.state("1")).isEqualTo(JobState.WAITING);
    assertThat(q.queue.state("2")).isEqualTo(JobState.PRIORITIZED);
    assertThat(q.redis().exists(q.key("1:lock"), q.key("2:lock"))).isZero();
  }

  @Test
  void aResultThatIsSentTwiceCountsOnce() {
    var source = q.manualSource(WorkerOptions.DEFAULT);
    q.add("a");
    q.add("b", JobOptions.builder().removeOnComplete(KeepJobs.NONE));
    q.add("c", JobOptions.builder().attempts(2));
    var jobs = source.fetch(3).jobs();
    var before = System.currentTimeMillis();
    var finishes =
        List.of(
            Finish.completed(jobs.get(0), "1", KeepJobs.ALL).withoutFetch(),
            Finish.completed(jobs.get(1), "1", KeepJobs.NONE).withoutFetch(),
            Finish.again(jobs.get(2), 0, false, List.of()).withoutFetch());
    for (var finish : finishes) {
      assertThat(source.finish(finish).join().code()).isZero();
      assertThat(source.finish(finish).join().code()).isNegative();
      assertThat(source.finish(finish.resent(before)).join().code()).isZero();
    }
    assertThat(q.queue.job("1").orElseThrow().attemptsMade()).isEqualTo(1);
    assertThat(q.queue.job("3").orElseThrow().attemptsMade()).isEqualTo(1);
  }
}
