package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Jobs that are taken and ended by hand. */
class ManualWorkerIT {
  private final TestQueue q = new TestQueue(TestRedis.url());
  private final ManualWorker worker = q.manual();

  @AfterEach
  void close() {
    worker.close();
    q.close();
  }

  private CompletableFuture<ActiveJob> waitForJob(Duration limit) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return worker.next(limit).orElseThrow();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CompletionException(e);
      }
    });
  }

  @Test
  void aJobIsTakenCompletedAndTheNextComesAlong() throws InterruptedException {
    assertThat(worker.next(Duration.ZERO)).isEmpty();
    q.add("a");
    q.add("b", JobOptions.builder().attempts(2));
    var first = worker.next(Duration.ZERO).orElseThrow();
    var second = worker.complete(first, "1", true).orElseThrow();
    assertThat(second.id()).isEqualTo("2");
    var again = worker.fail(second, new IllegalStateException("boom"), true).orElseThrow();
    assertThat(again.id()).isEqualTo("2");
    assertThat(again.job().attemptsMade()).isEqualTo(1);
    assertThat(worker.fail(again, new IllegalStateException("boom"), true)).isEmpty();
    assertThat(q.queue.state("1")).isEqualTo(JobState.COMPLETED);
    assertThat(q.queue.state("2")).isEqualTo(JobState.FAILED);
    assertThat(q.events())
        .contains("event retries-exhausted jobId 2 attemptsMade 2")
        .endsWith("event drained");
    assertThatThrownBy(() -> worker.complete(again, "1", false))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aWaitEndsWithTheJobThatComes() {
    var waiting = waitForJob(Duration.ofSeconds(20));
    await().until(() -> q.redis().clientList().contains("cmd=bzpopmin"));
    q.add("late", JobOptions.builder().delay(150L));
    assertThat(waiting.orTimeout(5, java.util.concurrent.TimeUnit.SECONDS).join().id())
        .isEqualTo("1");
  }

  @Test
  void aLostLockIsToldAndNothingIsTakenInPassing() throws InterruptedException {
    q.add("a");
    q.add("b");
    var job = worker.next(Duration.ZERO).orElseThrow();
    q.redis().del(q.key("1:lock"));

    assertThatThrownBy(() -> worker.complete(job, "1", true))
        .isInstanceOf(JobOperationException.LockLost.class)
        .hasMessage("Missing lock for job 1. moveToFinished");
    assertThat(q.redis().lrange(q.key("active"), 0, -1)).containsExactly("1");
    assertThat(q.queue.state("2")).isEqualTo(JobState.WAITING);
  }

  @Test
  void jobsOfTheSilentAreRecovered() throws InterruptedException {
    var options =
        WorkerOptions.builder()
            .lockDuration(Duration.ofMillis(20))
            .stalledInterval(Duration.ofMillis(100))
            .build();
    var impatient = new ManualWorker(q.connections, q.name, options);
    q.add("a");
    assertThat(impatient.next(Duration.ZERO)).isPresent();

    await().until(() -> impatient.recoverStalled().contains("1"));
    assertThat(q.queue.state("1")).isEqualTo(JobState.WAITING);
    impatient.close();
    assertThat(impatient.next(Duration.ofSeconds(5))).isEmpty();
  }
}
