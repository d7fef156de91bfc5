package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Starting, pausing, resizing, limiting and cancelling workers, and what they tell of it. */
class WorkerLifeIT {
  private final Recorder recorder = new Recorder();
  private final Semaphore release = new Semaphore(0);
  private TestQueue q;

  @BeforeEach
  void open() {
    q = new TestQueue(TestRedis.url());
  }

  @AfterEach
  void close() {
    release.release(1000);
    q.close();
  }

  private WorkerOptions.Builder options() {
    return TestQueue.workerOptions().listener(recorder);
  }

  private @Nullable String block(ActiveJob job) throws InterruptedException {
    assertThat(release.tryAcquire(20, TimeUnit.SECONDS)).as(job.id()).isTrue();
    return null;
  }

  private static final class Recorder implements WorkerListener {
    final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public void ready() {
      told.add("ready");
    }

    @Override
    public void active(Job job) {
      told.add("active " + job.id());
    }

    @Override
    public void progress(Job job, String json) {
      told.add("progress " + job.id() + " " + json);
    }

    @Override
    public void completed(Job job, String returnValue) {
      told.add("completed " + job.id() + " " + returnValue);
    }

    @Override
    public void failed(Job job, Throwable error) {
      told.add("failed " + job.id() + " " + error.getMessage());
    }

    @Override
    public void failedBeforeProcessing(Job job, String reason) {
      told.add("refused " + job.id() + " " + reason);
    }

    @Override
    public void lockRenewalFailed(List<String> jobIds) {
      told.add("lost " + jobIds);
    }

    @Override
    public void locksRenewed(List<String> jobIds) {
      told.add("renewed " + jobIds);
    }

    @Override
    public void drained() {
      told.add("drained");
    }

    @Override
    public void paused() {
      told.add("paused");
    }

    @Override
    public void resumed() {
      told.add("resumed");
    }

    @Override
    public void closing() {
      told.add("closing");
    }

    @Override
    public void closed() {
      told.add("closed");
    }

    @Override
    public void connectionLost() {
      told.add("connection lost");
    }
  }

  @Test
  void aListenerHearsAWorkersLife() {
    q.add("j");
    var worker =
        q.start(
            job -> {
              job.updateProgress("50");
              return "1";
            },
            options().build());
    await().until(() -> recorder.told.contains("drained") && recorder.told.contains("ready"));
    worker.close();
    assertThat(recorder.told)
        .containsSubsequence("active 1", "progress 1 50", "completed 1 1", "closing", "closed");
    assertThat(recorder.told).containsOnlyOnce("drained").doesNotContain("connection lost");
    // A second call changes nothing.
    worker.close();
    assertThat(recorder.told).containsOnlyOnce("closed");
    assertThatIllegalStateException().isThrownBy(worker::run).withMessage("Worker was stopped.");
  }

  @Test
  void aWorkerMayBeStartedLater() {
    q.add("j");
    var worker = q.start(_ -> null, options().autorun(false).build());
    assertThat(worker.isRunning()).isFalse();
    assertThat(q.queue.counts().waiting()).isEqualTo(1);
    worker.run();
    await().until(() -> q.queue.counts().completed() == 1);
    assertThatIllegalStateException()
        .isThrownBy(worker::run)
        .withMessage("Worker is already running.");
  }

  @Test
  void aPausedWorkerFinishesWhatItHasAndTakesNoMore() throws InterruptedException {
    var worker = q.start(this::block, options().build());
    q.add("first");
    q.add("second");
    await().until(() -> worker.activeCount() == 1);

    assertThat(worker.pause(Duration.ZERO)).isFalse();
    assertThat(worker.isPaused()).isTrue();
    release.release(2);
    await().until(() -> q.queue.counts().completed() == 1);
    assertThat(worker.activeCount()).isZero();
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(1, 0, 0, 0, 0, 1, 0));
    assertThat(q.queue.isPaused()).isFalse();

    worker.resume();
    await().until(() -> q.queue.counts().completed() == 2);
    assertThat(recorder.told)
        .containsSubsequence("paused", "completed 1 null", "resumed", "active 2");
  }

  @Test
  void pausingMayWaitForTheJobs() throws InterruptedException {
    var worker = q.start(this::block, options().concurrency(3).build());
    q.add("j");
    await().until(() -> worker.activeCount() == 1);
    var unblock = Thread.ofVirtual().start(() -> release.release());
    assertThat(worker.pause(Duration.ofSeconds(20))).isTrue();
    assertThat(q.queue.counts().completed()).isEqualTo(1);
    unblock.join();
    worker.close();
    assertThat(worker.isPaused()).isFalse();
  }

  /** Redis hands a job to a worker that waits; one that stops in that moment must not keep it. */
  @Test
  void aJobThatComesWhileAnIdleWorkerStopsIsNotLost() {
    // Longer than the test: a job that is left behind does not come back by itself.
    var options = options().lockDuration(Duration.ofMinutes(5)).build();
    var rounds = 100;
    for (var round = 1; round <= rounds; round++) {
      recorder.told.clear();
      var worker = q.start(_ -> null, options);
      await().until(() -> recorder.told.contains("drained"));
      var added = q.queue.addAsync("j", "{}", JobOptions.builder().build());
      worker.stop(Duration.ofSeconds(5));
      added.join();
    }
    assertThat(q.queue.counts().active()).isZero();
    q.start(_ -> null);
    await().until(() -> q.queue.counts().completed() == rounds);
  }

  @Test
  void concurrencyChangesWhileTheWorkerRuns() {
    var most = new AtomicInteger();
    var now = new AtomicInteger();
    Processor processor =
        job -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          try {
            return block(job);
          } finally {
            now.decrementAndGet();
          }
        };
    var worker = q.start(processor, options().build());
    q.queue.addBulk(Collections.nCopies(40, new NewJob("j", "{}", JobOptions.NONE)));
    await().until(() -> now.get() == 1);
    worker.concurrency(5);
    await().until(() -> now.get() == 5);
    assertThat(worker.concurrency()).isEqualTo(5);

    worker.concurrency(2);
    release.release(3);
    await().until(() -> q.queue.counts().completed() == 3);
    await().until(() -> now.get() == 2);
    most.set(0);
    release.release(100);
    await().until(() -> q.queue.counts().completed() == 40);
    assertThat(most.get()).isLessThanOrEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> worker.concurrency(0))
        .withMessageStartingWith("concurrency must be a finite number greater than 0");
  }

  @Test
  void allJobsAreCancelledWithAReason() {
    Processor processor =
        job -> {
          var cancelled = new CountDownLatch(1);
          job.onCancel(cancelled::countDown);
          assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
          throw new IllegalStateException(job.cancelReason().orElseThrow());
        };
    var worker = q.start(processor, options().concurrency(3).build());
    q.add("a");
    q.add("b");
    await().until(() -> worker.activeCount() == 2);
    worker.cancelAllJobs("enough");
    await().until(() -> q.queue.counts().failed() == 2);
    assertThat(q.queue.job("1").orElseThrow().failedReason()).isEqualTo("enough");
  }

  @Test
  void aProcessorMayLimitTheRate() {
    var worker = new Worker[1];
    var ready = new CountDownLatch(1);
    var attempts = new AtomicInteger();
    Processor processor =
        _ -> {
          assertThat(ready.await(10, TimeUnit.SECONDS)).isTrue();
          if (attempts.incrementAndGet() == 1) {
            worker[0].rateLimit(Duration.ofMillis(300));
            throw new RateLimitException();
          }
          return null;
        };
    q.add("j");
    worker[0] = q.start(processor, options().build());
    ready.countDown();
    await().until(() -> q.queue.counts().completed() == 1);

    var job = q.queue.job("1").orElseThrow();
    assertThat(job.attemptsStarted()).isEqualTo(2);
    assertThat(job.attemptsMade()).isEqualTo(1);
    var events = q.events();
    assertThat(events)
        .containsSubsequence(
            "event active jobId 1 prev waiting",
            "event waiting jobId 1 prev active",
            "event active jobId 1 prev waiting",
            "event completed jobId 1 returnvalue null prev active");
    var finished = Optional.ofNullable(job.finishedOn()).orElseThrow();
    assertThat(finished - job.timestamp()).isGreaterThanOrEqualTo(290);
    assertThat(recorder.told).noneMatch(told -> told.startsWith("failed"));
  }

  @Test
  void theLimiterIsSharedByWorkers() {
    var limit = new WorkerOptions.RateLimit(2, Duration.ofMillis(400));
    q.queue.addBulk(Collections.nCopies(6, new NewJob("j", "{}", JobOptions.NONE)));
    var begun = System.nanoTime();
    q.start(_ -> null, options().limiter(limit).build());
    q.start(_ -> null, options().limiter(limit).build());
    await().until(() -> q.queue.counts().completed() == 6);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(750));
  }

  @Test
  void aJobThatStartedTooOftenFailsUnprocessed() {
    var attempts = new AtomicInteger();
    Processor processor =
        _ -> {
          attempts.incrementAndGet();
          throw new IllegalStateException("boom");
        };
    q.add("j", JobOptions.builder().attempts(10));
    q.redis().hset(q.key("1"), "ats", "2");
    q.start(processor, options().maxStartedAttempts(2).build());
    await().until(() -> q.queue.counts().failed() == 1);
    assertThat(attempts).hasValue(0);
    assertThat(recorder.told).contains("refused 1 job started more than allowable limit");

    q.add("k", JobOptions.builder().attempts(10));
    await().until(() -> q.queue.counts().failed() == 2);
    assertThat(attempts).hasValue(2);
  }

  @Test
  void aStrategyOfTheApplicationDecidesOnRetries() {
    BackoffStrategy strategy =
        (attempt, type, error, _) -> {
          assertThat(type).isEqualTo("mine");
          assertThat(error).hasMessage("boom");
          return attempt < 3 ? OptionalLong.of(attempt * 10L) : OptionalLong.empty();
        };
    q.add(
        "j",
        JobOptions.builder().attempts(10).stackTraceLimit(1).backoff(new Backoff("mine", 0, 0)));
    q.start(
        _ -> {
          throw new IllegalStateException("boom");
        },
        options().backoffStrategy(strategy).build());
    await().until(() -> q.queue.counts().failed() == 1);
    var job = q.queue.job("1").orElseThrow();
    assertThat(job.attemptsMade()).isEqualTo(3);
    assertThat(job.stacktrace()).hasSize(1);
    assertThat(q.events()).noneMatch(event -> event.contains("retries-exhausted"));
  }

  @Test
  void locksAreRenewedUnlessTheWorkerShallNot() {
    var brief = options().lockDuration(Duration.ofMillis(400)).stalledInterval(Duration.ofHours(1));
    q.add("j");
    q.start(this::block, brief.build());
    await().until(() -> recorder.told.contains("renewed [1]"));
    release.release();
    await().until(() -> q.queue.counts().completed() == 1);

    q.add("j");
    q.start(this::block, brief.skipLockRenewal(true).skipStalledCheck(true).build());
    await().until(() -> q.queue.counts().active() == 1);
  }

  @Test
  void forcedToCloseAWorkerHandsItsJobsBack() {
    var worker = q.start(this::block, options().build());
    q.add("j");
    await().until(() -> worker.activeCount() == 1);
    worker.close(true);
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(1, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void workersAreListed() {
    q.start(_ -> null, options().name("one").build());
    q.start(_ -> null, options().build());
    await().until(() -> q.queue.workers().size() == 2);
    assertThat(q.queue.workers()).extracting(WorkerInfo::name).containsExactlyInAnyOrder("one", "");
    assertThat(q.queue.workers()).allSatisfy(w -> assertThat(w.address()).contains(":"));
    try (var other = new TestQueue(TestRedis.url())) {
      assertThat(other.queue.workers()).isEmpty();
    }
  }

  @Test
  void optionsAreChecked() {
    var builder = WorkerOptions.builder();
    assertThat(WorkerOptions.DEFAULT.maximumRateLimitDelay()).isEqualTo(Duration.ofSeconds(30));
    assertThat(WorkerOptions.DEFAULT.autorun()).isTrue();
    assertThat(Optional.ofNullable(WorkerOptions.DEFAULT.maxStartedAttempts())).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maxStartedAttempts(-1).build())
        .withMessage("maxStartedAttempts must be greater or equal than 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WorkerOptions.builder().drainDelay(Duration.ZERO).build())
        .withMessage("drainDelay must be greater than 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WorkerOptions.RateLimit(0, Duration.ofSeconds(1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WorkerOptions.builder().metrics(0).build());
  }
}
