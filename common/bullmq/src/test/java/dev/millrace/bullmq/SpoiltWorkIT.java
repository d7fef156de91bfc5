package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What others do to a queue while a worker is at work: it reports that and goes on. */
class SpoiltWorkIT {
  private static final int JOBS = 20;

  private final TestQueue q = new TestQueue(TestRedis.url());
  private final List<String> errors = new CopyOnWriteArrayList<>();
  private final CountDownLatch gate = new CountDownLatch(1);

  @AfterEach
  void close() {
    q.close();
  }

  private Worker startWorker(Processor processor) {
    var listener =
        new WorkerListener() {
          @Override
          public void error(Throwable error) {
            errors.add(String.valueOf(error.getMessage()));
          }
        };
    return q.start(
        processor,
        TestQueue.workerOptions()
            .concurrency(JOBS)
            .skipStalledCheck(true)
            .skipLockRenewal(true)
            .runRetryDelay(Duration.ofMillis(50))
            .listener(listener)
            .build());
  }

  /** Starts a worker that has {@link #JOBS} jobs, none of which ends before the gate opens. */
  private void startFullWorker() throws InterruptedException {
    var begun = new CountDownLatch(JOBS);
    for (var i = 0; i < JOBS; i++) {
      q.add("j");
    }
    startWorker(_ -> {
      begun.countDown();
      gate.await();
      return "1";
    });
    begun.await();
  }

  @Test
  void whatIsWrongWithOneJobDoesNotConcernThoseThatEndWithIt() throws InterruptedException {
    startFullWorker();
    q.redis().set(q.key("3:lock"), "another's");
    q.redis().del(q.key("5:lock"), q.key("7"), q.key("8"));
    q.redis().set(q.key("8"), "no hash");
    q.redis().sadd(q.key("9:dependencies"), q.key("child"));
    q.redis().hset(q.key("11"), "unknown", "kept");

    gate.countDown();

    await().until(() -> q.queue.counts().completed() == JOBS - 5);
    await().until(() -> q.queue.state("9") == JobState.FAILED);
    assertThat(q.queue.state("3")).isEqualTo(JobState.ACTIVE);
    assertThat(q.queue.state("5")).isEqualTo(JobState.ACTIVE);
    await()
        .untilAsserted(() ->
            assertThat(errors)
                .contains(
                    "Lock mismatch for job 3. Cmd moveToFinished from active",
                    "Missing lock for job 5. moveToFinished",
                    "Missing key for job 7. moveToFinished",
                    "Missing key for job 8. moveToFinished",
                    "Job 9 has pending dependencies. moveToFinished"));
    assertThat(q.redis().get(q.key("3:lock"))).isEqualTo("another's");
    assertThat(q.redis().hget(q.key("11"), "unknown")).isEqualTo("kept");
    assertThat(q.redis().lrange(q.key("active"), 0, -1)).doesNotContain("9", "11", "20");
    q.add("next");
    await().until(() -> q.queue.state("21") == JobState.COMPLETED);
  }

  @Test
  void manyEndsAtOnceLeaveNothingBehind() throws InterruptedException {
    startFullWorker();
    gate.countDown();
    await().until(() -> q.queue.counts().completed() == JOBS);
    assertThat(q.redis().exists(q.key("active"), q.key("stalled"))).isZero();
    for (var i = 1; i <= JOBS; i++) {
      assertThat(q.redis().hget(q.key("" + i), "returnvalue")).isEqualTo("1");
      assertThat(q.redis().hget(q.key("" + i), "atm")).isEqualTo("1");
      assertThat(q.redis().exists(q.key(i + ":lock"))).isZero();
    }
    assertThat(q.events().stream().filter(event -> event.startsWith("event completed")))
        .hasSize(JOBS);
    assertThat(q.events()).endsWith("event drained");
  }

  @Test
  void aQueueThatIsObliteratedIsWorkedOnAgain() throws InterruptedException {
    startFullWorker();
    q.queue.maintenance().obliterate(true);
    gate.countDown();
    await().until(() -> errors.contains("Missing key for job 20. moveToFinished"));
    var id = q.add("again").id();
    await().until(() -> q.queue.state(id) == JobState.COMPLETED);
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(0, 0, 0, 0, 0, 1, 0));
  }

  @Test
  void aKeyOfAnotherTypeCostsNoJob() {
    q.redis().set(q.key("active"), "no list");
    for (var i = 0; i < JOBS; i++) {
      q.add("j");
    }
    startWorker(_ -> null);
    await().until(() -> errors.stream().anyMatch(error -> error.contains("WRONGTYPE")));
    assertThat(q.redis().llen(q.key("wait"))).isEqualTo(JOBS);
    q.redis().del(q.key("active"));
    await().until(() -> q.queue.counts().completed() == JOBS);
  }

  @Test
  void aJobThatCannotBeAddedKeepsNoOtherFromIt() throws Exception {
    q.redis().hset(q.key("parent"), "name", "p");
    q.redis().set(q.key("parent:dependencies"), "no set");
    q.redis().lpush(q.key("de:spoilt"), "no text");
    q.redis().set(q.key("taken"), "no hash");
    var parent = new ParentRef("parent", "bull:" + q.queue.name());
    // The first call is on its way while the others come, which travel together.
    var first = addAsync("first", JobOptions.builder());
    var failing =
        Map.of(
            "ready", addAsync("ready", JobOptions.builder().parent(parent)),
            "delayed", addAsync("delayed", JobOptions.builder().parent(parent).delay(60_000L)),
            "prioritized", addAsync("prioritized", JobOptions.builder().parent(parent).priority(7)),
            "double",
                addAsync(
                    "double",
                    JobOptions.builder().deduplication(Deduplication.untilFinished("spoilt"))),
            "id", addAsync("id", JobOptions.builder().jobId("taken")));
    var last = addAsync("last", JobOptions.builder());

    var ids = List.of(last.get().id(), first.get().id());
    failing.forEach((name, added) ->
        assertThatThrownBy(added::get)
            .as(name)
            .hasRootCauseInstanceOf(BullMqException.class)
            .hasMessageContaining("adding job " + name + " to queue " + q.queue.name())
            .hasMessageContaining("WRONGTYPE"));
    assertThat(q.redis().lrange(q.key("wait"), 0, -1)).containsExactlyElementsOf(ids);
    assertThat(q.redis().exists(q.key("delayed"), q.key("prioritized"), q.key("2"))).isZero();
    assertThat(q.redis().get(q.key("taken"))).isEqualTo("no hash");
  }

  private CompletableFuture<Job> addAsync(String name, JobOptions.Builder options) {
    return q.queue.addAsync(name, "{}", options.build());
  }

  @Test
  void anIdWhoseKeyIsNoHashIsPassedOver() {
    q.redis().set(q.key("odd"), "no hash");
    q.redis().lpush(q.key("wait"), "odd");
    q.add("j");
    startWorker(_ -> null);
    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
    assertThat(q.redis().llen(q.key("active"))).isZero();
    assertThat(q.redis().get(q.key("odd"))).isEqualTo("no hash");
  }

  @Test
  void whatWasTakenBeforeAKeyOfAnotherTypeWasFoundIsWorkedOn() {
    q.redis().set(q.key("prioritized"), "no zset");
    for (var i = 0; i < JOBS - 1; i++) {
      q.add("j");
    }
    startWorker(_ -> null);
    await().until(() -> q.redis().zcard(q.key("completed")) == JOBS - 1);
    assertThat(q.redis().exists(q.key("active"), q.key("wait"))).isZero();
  }

  @Test
  void whatIsDueStaysDelayedWhileItsPlaceIsOfAnotherType() {
    q.add("plain", JobOptions.builder().delay(1L));
    q.add("also", JobOptions.builder().delay(1L));
    q.redis().set(q.key("wait"), "no list");
    startWorker(_ -> null);
    await().until(() -> errors.stream().anyMatch(error -> error.contains("WRONGTYPE")));
    assertThat(q.redis().zcard(q.key("delayed"))).isEqualTo(2);
    q.redis().del(q.key("wait"));
    await().until(() -> q.queue.counts().completed() == 2);
  }

  @Test
  void whatIsDueWithAPriorityStaysDelayedWhileItsPlaceIsOfAnotherType() {
    for (var place : List.of("prioritized", "pc", "events")) {
      errors.clear();
      q.redis().del(q.key("completed"));
      q.redis().del(q.key(place));
      q.add(place, JobOptions.builder().delay(1L).priority(3));
      q.redis().del(q.key(place));
      q.redis().set(q.key(place), "neither a set nor a number");
      var worker = startWorker(_ -> null);
      await().until(() -> !errors.isEmpty());
      assertThat(q.redis().zcard(q.key("delayed"))).as(place).isEqualTo(1);
      q.redis().del(q.key(place));
      await().until(() -> q.redis().zcard(q.key("completed")) == 1);
      worker.stop(Duration.ZERO);
    }
  }

  @Test
  void aDueIdWhoseKeyIsNoHashKeepsNoOtherFromBecomingReady() {
    q.redis().set(q.key("odd"), "no hash");
    q.redis().zadd(q.key("delayed"), 4096, "odd");
    q.add("j", JobOptions.builder().delay(1L));
    startWorker(_ -> null);
    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
    assertThat(q.redis().exists(q.key("delayed"), q.key("active"), q.key("wait"))).isZero();
    assertThat(q.redis().get(q.key("odd"))).isEqualTo("no hash");
  }

  @Test
  void aStalledJobStaysActiveWhileItsPlaceIsOfAnotherType() throws InterruptedException {
    q.add("j");
    var id = q.take().id();
    q.redis().del(q.key(id + ":lock"));
    q.redis().sadd(q.key("stalled"), id, "odd");
    q.redis().lpush(q.key("active"), "odd");
    q.redis().set(q.key("odd"), "no hash");
    q.redis().set(q.key("wait"), "no list");
    assertThatThrownBy(() -> q.manual().recoverStalled())
        .hasMessageContaining("key " + q.key("wait") + " is a string where a list belongs");
    assertThat(q.queue.state(id)).isEqualTo(JobState.ACTIVE);

    q.redis().del(q.key("wait"));
    assertThat(q.manual().recoverStalled()).containsExactly(id);
    assertThat(q.queue.state(id)).isEqualTo(JobState.WAITING);
    assertThat(q.redis().exists(q.key("active"))).isZero();
    assertThat(q.redis().get(q.key("odd"))).isEqualTo("no hash");
  }

  @Test
  void aRateLimitWithoutAnEndEndsWithItsWindow() {
    q.redis().set(q.key("limiter"), "1000");
    q.add("j");
    q.start(
        _ -> null,
        TestQueue.workerOptions()
            .limiter(new WorkerOptions.RateLimit(2, Duration.ofMillis(300)))
            .build());
    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
  }

  @Test
  void aJobThatWasKeptForLaterWithMalformedOptionsIsAddedAllTheSame() {
    q.add("first", JobOptions.builder().deduplication(Deduplication.untilFinished("d")));
    q.redis().hset(q.key("dn:d"), Map.of("name", "later", "opts", "{lifo"));
    startWorker(_ -> null);
    await().until(() -> q.queue.state("2") == JobState.COMPLETED);
    assertThat(q.queue.job("2").orElseThrow().data()).isEqualTo("{}");
    assertThat(q.queue.state("1")).isEqualTo(JobState.COMPLETED);
  }
}
