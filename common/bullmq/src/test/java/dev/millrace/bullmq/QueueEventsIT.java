package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QueueEventsIT {
  private TestQueue q;
  private QueueEvents events;

  @BeforeEach
  void open() throws InterruptedException {
    q = new TestQueue(TestRedis.url());
    events = QueueEvents.open(q.connections, q.name, "bull");
    assertThat(events.awaitReady(Duration.ofSeconds(10))).isTrue();
  }

  @AfterEach
  void close() {
    events.close();
    q.close();
  }

  private static JobOutcome await(CompletableFuture<JobOutcome> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }

  @Test
  void anEventRightAfterReadyIsSeen() {
    List<QueueEvent> seen = new CopyOnWriteArrayList<>();
    var _ = events.subscribe(Set.of("abort"), seen::add);
    q.add("not of interest");
    q.queue.publishEvent("abort", Map.of("id", "x"));

    Awaitility.await().until(() -> !seen.isEmpty());
    assertThat(seen).hasSize(1);
    assertThat(seen.getFirst().name()).isEqualTo("abort");
    assertThat(seen.getFirst().fields()).containsExactly(Map.entry("id", "x"));
  }

  @Test
  void aJobThatIsTriedAgainHasNotEndedYet() throws Exception {
    q.add("j");
    q.manual().fail(q.take(), new IllegalStateException("boom"), false);
    assertThat(await(events.whenFinished("1"))).isEqualTo(new JobOutcome.Failed("boom"));

    q.queue.jobs().retry("1", JobState.FAILED, JobOperations.Reset.NOTHING);
    var again = events.whenFinished("1");
    q.start(_ -> "7");

    assertThat(await(again)).isEqualTo(new JobOutcome.Completed("7"));
  }

  @Test
  void outcomesArrive() throws Exception {
    q.start(job -> {
      if (job.job().name().equals("bad")) {
        throw new IllegalStateException("boom");
      }
      return job.job().data();
    });
    var good = events.whenFinished(q.queue.add("good", "{\"ünï\":[1,null]}").id());
    var bad = events.whenFinished(q.add("bad").id());

    assertThat(await(good)).isEqualTo(new JobOutcome.Completed("{\"ünï\":[1,null]}"));
    assertThat(await(bad)).isEqualTo(new JobOutcome.Failed("boom"));
    assertThat(events.waitingCount()).isZero();
  }

  @Test
  void aJobThatFinishedAndWentBeforeItWasWaitedForIsKnown() throws Exception {
    q.start(_ -> "7", TestQueue.workerOptions().removeOnComplete(KeepJobs.NONE).build());
    var id = q.add("fast").id();
    Awaitility.await().until(() -> q.events().contains("event drained"));
    var custom = q.queue.add("fast", "{}", JobOptions.builder().jobId("mine").build()).id();
    Awaitility.await().until(() -> q.queue.job("mine").isEmpty());

    assertThat(await(events.whenFinished(id))).isEqualTo(new JobOutcome.Completed("7"));
    assertThat(await(events.whenFinished(custom))).isEqualTo(new JobOutcome.Completed("7"));
    assertThat(await(events.whenFinished("never-added"))).isEqualTo(new JobOutcome.Gone());
  }

  @Test
  void aRemovedJobIsGone() throws Exception {
    var future = events.whenFinished(q.add("j").id());
    q.queue.remove("1");

    assertThat(await(future)).isEqualTo(new JobOutcome.Gone());
  }

  @Test
  void waitersCanLeave() {
    var cancelled = events.whenFinished(q.add("j").id());
    var other = events.whenFinished("1");
    cancelled.cancel(false);
    assertThat(events.waitingCount()).isEqualTo(1);
    events.forget("1");
    assertThat(other).isCancelled();
    assertThat(events.waitingCount()).isZero();
  }

  @Test
  void thousandsOfOutcomesAreLostToNobody() throws Exception {
    q.start(
        job -> job.id(),
        TestQueue.workerOptions().concurrency(100).removeOnComplete(KeepJobs.NONE).build());
    List<CompletableFuture<JobOutcome>> futures = new CopyOnWriteArrayList<>();
    List<Thread> callers = new ArrayList<>();
    for (var i = 0; i < 50; i++) {
      callers.add(
          Thread.ofVirtual()
              .start(() -> {
                for (var n = 0; n < 60; n++) {
                  futures.add(events.whenFinished(q.add("j").id()));
                }
              }));
    }
    for (var caller : callers) {
      caller.join();
    }
    for (var future : futures) {
      assertThat(future.get(30, TimeUnit.SECONDS)).isInstanceOf(JobOutcome.Completed.class);
    }
    assertThat(futures).hasSize(3000);
  }

  @Test
  void anEventThatWasTrimmedAwayIsMadeUpFor() throws Exception {
    var id = q.add("j").id();
    var future = events.whenFinished(id);
    var source = q.manualSource(WorkerOptions.DEFAULT);
    var job = source.fetch(1).jobs().getFirst();
    // The completed entry is gone before anybody can read it.
    q.redis()
        .eval(
            "redis.call('ZADD', KEYS[1], 1, ARGV[1]) redis.call('LREM', KEYS[2], 1, ARGV[1])"
                + " redis.call('HSET', KEYS[3], 'returnvalue', '42') return 0",
            io.lettuce.core.ScriptOutputType.INTEGER,
            new String[] {q.key("completed"), q.key("active"), q.key(id)},
            job.id());

    assertThat(await(future)).isEqualTo(new JobOutcome.Completed("42"));
  }
}
