package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Processors that leave their job before it is done. */
class WaitForChildrenIT {
  private final TestQueue q = new TestQueue(TestRedis.url());
  private final List<Throwable> errors = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    q.close();
  }

  private WorkerOptions.Builder options() {
    return TestQueue.workerOptions()
        .listener(
            new WorkerListener() {
              @Override
              public void error(Throwable error) {
                errors.add(error);
              }

              @Override
              public void failed(Job job, Throwable error) {
                errors.add(error);
              }
            });
  }

  @Test
  void aProcessorAddsChildrenAndWaitsForThem() {
    q.start(
        job -> {
          if (!job.job().name().equals("parent")) {
            return job.job().data();
          }
          if (job.job().data().equals("\"start\"")) {
            for (var i = 1; i <= 3; i++) {
              var child = JobOptions.builder().parent(job.asParent()).build();
              q.queue.add("child", "" + i, child);
            }
            job.updateData("\"wait\"");
          }
          job.waitForChildren();
          return "" + job.children().values().values().stream().mapToInt(Integer::parseInt).sum();
        },
        options().build());
    q.queue.add("parent", "\"start\"");

    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
    var parent = q.queue.job("1").orElseThrow();
    assertThat(parent.returnValue()).isEqualTo("6");
    assertThat(parent.attemptsMade()).isEqualTo(1);
    assertThat(parent.attemptsStarted()).isEqualTo(2);
    assertThat(errors).isEmpty();
    assertThat(q.redis().exists(q.key("1:lock"))).isZero();
    assertThat(q.events())
        .containsSubsequence(
            "event active jobId 1 prev waiting",
            "event waiting-children jobId 1 prev active",
            "event waiting jobId 1 prev waiting-children",
            "event active jobId 1 prev waiting",
            "event completed jobId 1 returnvalue 6 prev active");
  }

  @Test
  void aJobDelaysItselfStepByStep() {
    var runs = new AtomicInteger();
    q.start(
        job -> {
          if (runs.incrementAndGet() < 3) {
            throw job.moveToDelayed(Duration.ofMillis(30));
          }
          return "1";
        },
        options().build());
    q.add("j");

    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
    var job = q.queue.job("1").orElseThrow();
    assertThat(job.attemptsMade()).isEqualTo(1);
    assertThat(job.attemptsStarted()).isEqualTo(3);
    assertThat(errors).isEmpty();
  }

  @Test
  void whateverAProcessorDoesAfterwardsIsDropped() {
    var runs = new AtomicInteger();
    q.start(
        job -> {
          if (runs.incrementAndGet() == 1) {
            var _ = job.moveToWait();
            assertThatThrownBy(job::moveToWait).isInstanceOf(IllegalStateException.class);
            throw new IllegalStateException("not told to anyone");
          }
          return "\"second\"";
        },
        options().build());
    q.add("j");

    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
    assertThat(q.queue.job("1").orElseThrow().returnValue()).isEqualTo("\"second\"");
    assertThat(errors).isEmpty();
  }

  @Test
  void aRateLimitedProcessorRestsAlsoWithoutALimit() {
    var runs = new AtomicInteger();
    q.start(
        job -> {
          if (runs.incrementAndGet() == 1) {
            throw job.rateLimit(Duration.ofMillis(700));
          }
          return "1";
        },
        options().build());
    q.add("j");

    await().until(() -> q.queue.state("1") == JobState.WAITING && runs.get() == 1);
    assertThat(q.redis().get(q.key("limiter"))).isEqualTo("9007199254740991");
    assertThat(q.redis().pttl(q.key("limiter"))).isBetween(1L, 700L);
    await().until(() -> q.queue.state("1") == JobState.COMPLETED);
    assertThat(runs).hasValue(2);
    var job = q.queue.job("1").orElseThrow();
    assertThat(job.attemptsMade()).isEqualTo(1);
    assertThat(job.attemptsStarted()).isEqualTo(2);
    assertThat(q.events())
        .containsSubsequence(
            "event active jobId 1 prev waiting",
            "event waiting jobId 1 prev active",
            "event active jobId 1 prev waiting");
  }

  @Test
  void aDiscardedJobIsNotTriedAgain() {
    q.start(
        job -> {
          job.discard();
          throw new IllegalStateException("boom");
        },
        options().build());
    q.add("j", JobOptions.builder().attempts(5));

    await().until(() -> q.queue.state("1") == JobState.FAILED);
    assertThat(q.queue.job("1").orElseThrow().attemptsMade()).isEqualTo(1);
  }

  @Test
  void movesNeedTheLockAndTheState() throws InterruptedException {
    q.add("parent", JobOptions.builder().jobId("p"));
    var parent = q.take();
    var jobs = q.queue.jobs();
    assertThat(jobs.moveToWaitingChildren("p", parent.token(), null)).isFalse();
    q.queue.add("c", "{}", JobOptions.builder().jobId("c").parent(parent.asParent()).build());
    assertThat(jobs.moveToWaitingChildren("p", parent.token(), q.key("stranger"))).isFalse();

    assertThatThrownBy(() -> jobs.moveToWaitingChildren("p", "foreign", null))
        .isInstanceOf(JobOperationException.LockLost.class)
        .hasMessage("Lock mismatch for job p. Cmd moveToWaitingChildren from active");
    assertThatThrownBy(() -> q.manual().complete(parent, "1", false))
        .isInstanceOf(JobOperationException.Children.class)
        .hasMessage("Job p has pending dependencies. moveToFinished");
    assertThat(q.queue.state("p")).isEqualTo(JobState.ACTIVE);

    assertThat(parent.moveToWaitingChildren(q.key("c"))).isTrue();

    assertThatThrownBy(() -> jobs.moveToDelayed("p", parent.token(), Duration.ZERO))
        .hasMessage("Missing lock for job p. moveToDelayed");
    assertThatThrownBy(() -> jobs.moveToWait("c", "0"))
        .isInstanceOf(JobOperationException.WrongState.class)
        .hasMessage("Job c is not in the active state. moveJobFromActiveToWait");
    assertThatThrownBy(() -> jobs.moveToWait("nobody", "0"))
        .isInstanceOf(JobOperationException.Missing.class);
    assertThat(q.queue.state("p")).isEqualTo(JobState.WAITING_CHILDREN);
  }

  @Test
  void aFailedChildForbidsToWait() throws InterruptedException {
    q.add("parent", JobOptions.builder().jobId("p"));
    var parent = q.take();
    q.add("c", JobOptions.builder().parent(parent.asParent()).failParentOnFailure(true));
    q.add("d", JobOptions.builder().parent(parent.asParent()));
    q.manual().fail(q.take(), new IllegalStateException("boom"), false);

    assertThatThrownBy(parent::waitForChildren)
        .isInstanceOf(JobOperationException.Children.class)
        .hasMessage(
            "Cannot complete job p because it has at least one failed child."
                + " moveToWaitingChildren");
    assertThat(parent.children().failures()).containsExactly(Map.entry(q.key("2"), "boom"));
    assertThat(q.queue.job("p").orElseThrow().deferredFailure())
        .isEqualTo("child " + q.key("2") + " failed");
  }

  @Test
  void childrenAreReadInPages() {
    var flows = new FlowProducer(q.connections, QueueOptions.DEFAULT);
    var kids =
        java.util.stream.IntStream.range(0, 1500).mapToObj(_ -> new FlowJob("c", q.name, "{}"));
    var root = flows.add(new FlowJob("p", q.name, "{}").withChildren(kids.toList()));
    var children = q.queue.getters().children(root.job().id());

    var seen = new java.util.HashSet<String>();
    var cursor = ChildPage.FIRST;
    while (cursor != null) {
      var page = children.page(ChildKind.UNPROCESSED, cursor, 100);
      page.children().forEach(child -> seen.add(child.key()));
      cursor = page.cursor();
    }
    assertThat(seen).hasSize(1500);
    assertThat(children.counts()).isEqualTo(new ChildCounts(0, 1500, 0, 0));
    for (var i = 0; i < 5; i++) {
      q.redis().zadd(q.key(root.job().id() + ":unsuccessful"), i, "k" + i);
    }
    var first = children.page(ChildKind.FAILED, ChildPage.FIRST, 3);
    assertThat(first.children()).extracting(ChildPage.Child::key).containsExactly("k0", "k1", "k2");
    assertThat(first.cursor()).isEqualTo("3");
    assertThat(children.page(ChildKind.FAILED, "3", 3).cursor()).isNull();
    assertThat(q.queue.getters().children("nobody").values()).isEmpty();
    assertThatThrownBy(() -> children.page(ChildKind.FAILED, "x", 3))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
