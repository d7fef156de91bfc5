package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a queue does, on whatever Redis a subclass names. */
abstract class QueueContract {
  private TestQueue q;

  abstract String url();

  @BeforeEach
  void open() {
    q = new TestQueue(url());
  }

  @AfterEach
  void close() {
    q.close();
  }

  private List<String> processAll(int count) {
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    q.start(job -> {
      order.add(job.job().name());
      return null;
    });
    await().atMost(Duration.ofSeconds(10)).until(() -> q.queue.counts().completed() == count);
    return order;
  }

  @Test
  void aStandardJobLooksLikeNodes() {
    var job = q.queue.add("std", "{\"a\":1}");

    assertThat(job.id()).isEqualTo("1");
    assertThat(q.redis().hgetall(q.key("1")))
        .containsEntry("name", "std")
        .containsEntry("data", "{\"a\":1}")
        .containsEntry("opts", "{\"attempts\":0}")
        .containsEntry("delay", "0")
        .containsEntry("priority", "0")
        .containsOnlyKeys("name", "data", "opts", "timestamp", "delay", "priority");
    assertThat(q.events()).containsExactly("event added jobId 1 name std", "event waiting jobId 1");
    assertThat(q.redis().lrange(q.key("wait"), 0, -1)).containsExactly("1");
    assertThat(q.redis().zscore(q.key("marker"), "0")).isZero();
    assertThat(q.redis().get(q.key("id"))).isEqualTo("1");
    assertThat(q.redis().hgetall(q.key("meta")))
        .containsEntry("opts.maxLenEvents", "10000")
        .containsEntry("version", "bullmq:6.2.0");
  }

  @Test
  void prioritizedJobsHaveNodesScores() {
    q.add("a", JobOptions.builder().priority(5));
    q.add("b", JobOptions.builder().priority(5));

    assertThat(q.redis().zscore(q.key("prioritized"), "1")).isEqualTo(21474836481d);
    assertThat(q.redis().zscore(q.key("prioritized"), "2")).isEqualTo(21474836482d);
    assertThat(q.redis().get(q.key("pc"))).isEqualTo("2");
    assertThat(q.events())
        .containsExactly(
            "event added jobId 1 name a",
            "event waiting jobId 1",
            "event added jobId 2 name b",
            "event waiting jobId 2");
  }

  @Test
  void aDelayedJobHasNodesScoreAndMarker() {
    q.queue.add("late", "null", JobOptions.builder().jobId("custom-1").delay(60_000L).build());

    var score = q.redis().zscore(q.key("delayed"), "custom-1").longValue();
    var due = score / 4096;
    assertThat(score % 4096).isZero();
    assertThat(due - System.currentTimeMillis()).isBetween(50_000L, 60_000L);
    assertThat(q.redis().zscore(q.key("marker"), "1").longValue()).isEqualTo(due);
    assertThat(q.events())
        .containsExactly(
            "event added jobId custom-1 name late", "event delayed jobId custom-1 delay " + due);
    assertThat(q.queue.job("custom-1").orElseThrow().data()).isEqualTo("null");
    assertThat(q.queue.state("custom-1")).isEqualTo(JobState.DELAYED);
  }

  @Test
  void jobsRunInOrder() {
    IntStream.range(0, 50).forEach(i -> q.add("job" + i));

    assertThat(processAll(50))
        .containsExactlyElementsOf(IntStream.range(0, 50).mapToObj(i -> "job" + i).toList());
  }

  @Test
  void lifoAndPriorityRunInTheirOrder() {
    q.queue.pause();
    q.add("low", JobOptions.builder().priority(9));
    q.add("high", JobOptions.builder().priority(1));
    q.add("first");
    q.add("second");
    q.add("front", JobOptions.builder().lifo(true));
    q.queue.resume();

    assertThat(processAll(5)).containsExactly("front", "first", "second", "high", "low");
  }

  @Test
  void delayedJobsRunWhenTheyAreDueAndInOrder() {
    for (var i = 0; i < 20; i++) {
      q.add("d" + i, JobOptions.builder().delay(400L));
    }
    var before = System.nanoTime();

    var order = processAll(20);

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(250));
    assertThat(order).hasSize(20).startsWith("d0");
  }

  @Test
  void bulkKeepsOrderAndCustomIdsAreAddedOnce() {
    var jobs =
        q.queue.addBulk(
            IntStream.range(0, 600)
                .mapToObj(i -> new NewJob("n" + i, "{}", JobOptions.NONE))
                .toList());
    assertThat(jobs).extracting(Job::id).startsWith("1", "2").endsWith("600");

    var custom = JobOptions.builder().jobId("mine").build();
    q.queue.add("one", "{}", custom);
    var again = q.queue.add("two", "{}", custom);

    assertThat(again.id()).isEqualTo("mine");
    assertThat(q.queue.job("mine").orElseThrow().name()).isEqualTo("one");
    assertThat(q.events()).endsWith("event duplicated jobId mine");
    assertThat(q.redis().get(q.key("id"))).isEqualTo("602");
  }

  @Test
  void aCompletedJobTellsAllAboutItself() {
    q.add("j");
    q.start(
        job -> {
          job.updateProgress("50");
          job.log("hello");
          return "{\"ok\":true}";
        },
        TestQueue.workerOptions().name("w1").build());
    await().until(() -> q.events().contains("event drained"));

    assertThat(q.redis().hgetall(q.key("1")))
        .containsEntry("pb", "w1")
        .containsEntry("ats", "1")
        .containsEntry("atm", "1")
        .containsEntry("progress", "50")
        .containsEntry("returnvalue", "{\"ok\":true}")
        .containsKeys("processedOn", "finishedOn");
    assertThat(q.redis().exists(q.key("1:lock"))).isZero();
    assertThat(q.redis().lrange(q.key("1:logs"), 0, -1)).containsExactly("hello");
    assertThat(q.events())
        .containsExactly(
            "event added jobId 1 name j",
            "event waiting jobId 1",
            "event active jobId 1 prev waiting",
            "event progress jobId 1 data 50",
            "event completed jobId 1 returnvalue {\"ok\":true} prev active",
            "event drained");
  }

  @Test
  void aJobThatFailsIsTriedAgain() {
    q.add("j", JobOptions.builder().attempts(2).backoff(Backoff.fixed(20)));
    q.start(_ -> {
      throw new IllegalStateException("boom");
    });
    await().until(() -> q.queue.state("1") == JobState.FAILED);

    var job = q.queue.job("1").orElseThrow();
    assertThat(job.attemptsMade()).isEqualTo(2);
    assertThat(job.attemptsStarted()).isEqualTo(2);
    assertThat(job.failedReason()).isEqualTo("boom");
    assertThat(job.stacktrace()).hasSize(2).allMatch(trace -> trace.contains("boom"));
    assertThat(q.events())
        .filteredOn(e -> !e.startsWith("event delayed"))
        .containsExactly(
            "event added jobId 1 name j",
            "event waiting jobId 1",
            "event active jobId 1 prev waiting",
            "event waiting jobId 1 prev delayed",
            "event active jobId 1 prev waiting",
            "event failed jobId 1 failedReason boom prev active",
            "event retries-exhausted jobId 1 attemptsMade 2",
            "event drained");
  }

  @Test
  void anUnrecoverableFailureEndsTheJob() {
    q.add("j", JobOptions.builder().attempts(5));
    q.start(_ -> {
      throw new UnrecoverableJobException("no way");
    });
    await().until(() -> q.queue.state("1") == JobState.FAILED);

    assertThat(q.queue.job("1").orElseThrow().attemptsMade()).isEqualTo(1);
    assertThat(q.queue.job("1").orElseThrow().stacktrace().getFirst())
        .startsWith("UnrecoverableError: no way");
    assertThat(q.events()).noneMatch(e -> e.startsWith("event retries-exhausted"));
  }

  @Test
  void finishedJobsAreKeptAsTheyAskFor() {
    for (var i = 0; i < 5; i++) {
      q.add("j" + i, JobOptions.builder().removeOnComplete(KeepJobs.newest(3)));
    }
    q.add("gone", JobOptions.builder().removeOnComplete(KeepJobs.NONE));
    q.start(_ -> null);
    await().until(() -> q.events().contains("event drained"));

    assertThat(q.redis().zrange(q.key("completed"), 0, -1)).containsExactly("3", "4", "5");
    assertThat(q.redis().exists(q.key("1"), q.key("2"), q.key("6"))).isZero();
    assertThat(q.queue.state("6")).isEqualTo(JobState.UNKNOWN);
  }

  @Test
  void oldJobsGoWhenAnotherFinishes() {
    q.add("old");
    q.start(_ -> null);
    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
    q.redis().zadd(q.key("completed"), 1_000, "1");

    q.add("new", JobOptions.builder().removeOnComplete(new KeepJobs(null, 10L, null)));

    await().until(() -> q.queue.state("2") == JobState.COMPLETED);
    assertThat(q.queue.job("1")).isEmpty();
    assertThat(q.queue.state("1")).isEqualTo(JobState.UNKNOWN);
  }

  @Test
  void anotherWorkersLockIsRespected() {
    var source = q.manualSource(WorkerOptions.DEFAULT);
    q.add("stolen");
    q.add("expired");
    var jobs = source.fetch(2).jobs();
    q.redis().set(q.key("1:lock"), "someone");
    q.redis().del(q.key("2:lock"));

    var stolen = source.finish(Finish.completed(jobs.get(0), "1", KeepJobs.ALL)).join();
    var expired = source.finish(Finish.completed(jobs.get(1), "1", KeepJobs.ALL)).join();

    assertThat(stolen.code()).isEqualTo(-6);
    assertThat(expired.code()).isEqualTo(-2);
    assertThat(JobOperationException.of(-6, "1", "moveToFinished", JobState.ACTIVE))
        .isInstanceOf(JobOperationException.LockLost.class)
        .hasMessage("Lock mismatch for job 1. Cmd moveToFinished from active");
    assertThat(q.queue.counts().active()).isEqualTo(2);
  }

  @Test
  void idsWithoutAJobAreSkipped() {
    q.redis().lpush(q.key("wait"), "ghost", "0:5");
    q.add("real");

    assertThat(processAll(1)).containsExactly("real");
    assertThat(q.redis().exists(q.key("ghost"))).isZero();
    assertThat(q.queue.counts().active()).isZero();
  }

  @Test
  void aPausedQueueStartsNothing() {
    q.queue.pause();
    q.add("j");
    q.start(_ -> null);
    assertThat(q.queue.isPaused()).isTrue();
    await().during(Duration.ofMillis(300)).until(() -> q.queue.state("1") == JobState.WAITING);

    q.queue.resume();

    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
    assertThat(q.events()).contains("event paused", "event resumed");
  }

  @Test
  void globalConcurrencyIsRespected() {
    q.redis().hset(q.key("meta"), "concurrency", "2");
    var most = new AtomicLong();
    for (var i = 0; i < 40; i++) {
      q.add("j");
    }
    for (var w = 0; w < 3; w++) {
      q.start(
          _ -> {
            most.accumulateAndGet(q.queue.counts().active(), Math::max);
            return null;
          },
          TestQueue.workerOptions().concurrency(5).build());
    }
    await().until(() -> q.queue.counts().completed() == 40);
    assertThat(most.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void aRateLimitSpreadsJobs() {
    for (var i = 0; i < 6; i++) {
      q.add("j");
    }
    var before = System.nanoTime();
    q.start(
        _ -> null,
        TestQueue.workerOptions()
            .concurrency(10)
            .limiter(new WorkerOptions.RateLimit(2, Duration.ofMillis(300)))
            .build());
    await().until(() -> q.queue.counts().completed() == 6);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(550));
  }

  @Test
  void removingTakesJobsOutUnlessTheyAreActive() {
    q.add("waiting");
    assertThat(q.queue.remove("1")).isTrue();
    assertThat(q.queue.job("1")).isEmpty();
    assertThat(q.queue.remove("unknown")).isTrue();

    q.add("active");
    var source = q.manualSource(WorkerOptions.DEFAULT);
    assertThat(source.fetch(1).jobs()).hasSize(1);
    assertThat(q.queue.remove("2")).isFalse();
    assertThat(q.events()).contains("event removed jobId 1 prev wait");
  }

  @Test
  void customEventsAreInTheStream() {
    q.queue.publishEvent("abort", Map.of("id", "flow_chat"));

    assertThat(q.events()).containsExactly("event abort id flow_chat");
  }

  @Test
  void missingParentsAndBadOptionsAreRefused() {
    var options = JobOptions.builder().parent(new ParentRef("nobody", "bull:" + q.name)).build();
    assertThatThrownBy(() -> q.queue.add("c", "{}", options))
        .isInstanceOf(JobOperationException.Missing.class)
        .hasMessage("Missing key for parent job " + q.key("nobody") + ". addJob");
    assertThatThrownBy(() -> q.add("x", JobOptions.builder().jobId("12")))
        .hasMessage("Custom Id cannot be integers");
  }
}
