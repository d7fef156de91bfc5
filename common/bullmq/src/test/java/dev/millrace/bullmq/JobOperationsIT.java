package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is done to single jobs. */
class JobOperationsIT {
  private final TestQueue q = new TestQueue(TestRedis.url());
  private final JobOperations jobs = q.queue.jobs();

  @AfterEach
  void close() {
    q.close();
  }

  @Test
  void aPromotedJobIsReadyBehindTheOthers() {
    q.add("d", JobOptions.builder().delay(60_000L));
    q.add("p", JobOptions.builder().delay(60_000L).priority(3));
    q.add("w");
    q.clearEvents();

    jobs.promote("1");
    jobs.promote("2");

    assertThat(q.redis().lrange(q.key("wait"), 0, -1)).containsExactly("1", "3");
    assertThat(q.queue.state("2")).isEqualTo(JobState.PRIORITIZED);
    assertThat(q.redis().hget(q.key("1"), "delay")).isEqualTo("0");
    assertThat(q.events())
        .containsExactly(
            "event waiting jobId 1 prev delayed", "event waiting jobId 2 prev delayed");
    assertThatThrownBy(() -> jobs.promote("1"))
        .isInstanceOf(JobOperationException.WrongState.class)
        .hasMessage("Job 1 is not in the delayed state. promote");
    assertThatThrownBy(() -> jobs.promote("nobody"))
        .isInstanceOf(JobOperationException.WrongState.class);
  }

  @Test
  void aChangedDelayCountsFromNow() {
    q.add("d", JobOptions.builder().delay(60_000L));
    q.clearEvents();
    var before = System.currentTimeMillis();

    jobs.changeDelay("1", Duration.ofMinutes(10));

    var due = q.redis().zscore(q.key("delayed"), "1").longValue() / 4096;
    assertThat(due - before).isBetween(600_000L, 605_000L);
    assertThat(q.redis().hget(q.key("1"), "delay")).isEqualTo("600000");
    assertThat(q.redis().zscore(q.key("marker"), "1").longValue()).isEqualTo(due);
    assertThat(q.events()).containsExactly("event delayed jobId 1 delay " + due);
    q.add("w");
    assertThatThrownBy(() -> jobs.changeDelay("2", Duration.ZERO))
        .hasMessage("Job 2 is not in the delayed state. changeDelay");
    assertThatThrownBy(() -> jobs.changeDelay("nobody", Duration.ZERO))
        .isInstanceOf(JobOperationException.Missing.class)
        .hasMessage("Missing key for job nobody. changeDelay");
    assertThatThrownBy(() -> jobs.changeDelay("1", Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aChangedPriorityMovesReadyJobsOnly() {
    q.add("a");
    q.add("b");
    q.add("late", JobOptions.builder().delay(60_000L));
    q.add("p", JobOptions.builder().priority(5));
    q.clearEvents();

    jobs.changePriority("1", 5);
    jobs.changePriority("2", 5, true);
    jobs.changePriority("3", 7);
    assertThat(q.redis().zrange(q.key("prioritized"), 0, -1)).containsExactly("2", "4", "1");
    assertThat(q.redis().zscore(q.key("prioritized"), "2")).isEqualTo(5d * (1L << 32));
    assertThat(q.queue.state("3")).isEqualTo(JobState.DELAYED);
    assertThat(q.redis().hget(q.key("3"), "priority")).isEqualTo("7");

    jobs.changePriority("1", 0);
    jobs.changePriority("4", 0, true);
    assertThat(q.redis().lrange(q.key("wait"), 0, -1)).containsExactly("1", "4");
    assertThat(q.events()).isEmpty();
    assertThatThrownBy(() -> jobs.changePriority("1", 2_097_152))
        .hasMessage("Priority should be between 0 and 2097151");
    assertThatThrownBy(() -> jobs.changePriority("nobody", 1))
        .hasMessage("Missing key for job nobody. changePriority");
  }

  @Test
  void dataProgressAndLogs() {
    q.add("a");
    q.clearEvents();

    jobs.updateData("1", "{\"b\":2}");
    jobs.updateProgress("1", "42");
    assertThat(q.events()).containsExactly("event progress jobId 1 data 42");
    assertThat(q.queue.job("1").orElseThrow().data()).isEqualTo("{\"b\":2}");
    for (var i = 1; i <= 5; i++) {
      assertThat(jobs.log("1", "row " + i, 4)).isEqualTo(Math.min(i, 4));
    }
    assertThat(jobs.logs("1", 0, -1, true))
        .isEqualTo(new JobLogs(java.util.List.of("row 2", "row 3", "row 4", "row 5"), 4));
    assertThat(jobs.logs("1", 0, 1, false).rows()).containsExactly("row 5", "row 4");
    assertThat(jobs.logs("1", 1, -1, false).rows()).containsExactly("row 4", "row 3", "row 2");
    jobs.clearLogs("1", 1);
    assertThat(jobs.logs("1", 0, -1, true).rows()).containsExactly("row 5");
    assertThat(jobs.log("1", "row 6", 0)).isEqualTo(2);
    jobs.clearLogs("1", 0);
    assertThat(jobs.logs("1", 0, -1, true)).isEqualTo(new JobLogs(java.util.List.of(), 0));

    assertThatThrownBy(() -> jobs.updateData("x", "1"))
        .hasMessage("Missing key for job x. updateData");
    assertThatThrownBy(() -> jobs.updateProgress("x", "1"))
        .hasMessage("Missing key for job x. updateProgress");
    assertThatThrownBy(() -> jobs.log("x", "row", null))
        .hasMessage("Missing key for job x. addLog");
    assertThatThrownBy(() -> jobs.logs("1", -1, 0, true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFailedJobIsTriedAgain() throws InterruptedException {
    var flows = new FlowProducer(q.connections, QueueOptions.DEFAULT);
    var child =
        new FlowJob("c", q.name, "{}")
            .withOptions(
                JobOptions.builder()
                    .jobId("c")
                    .priority(2)
                    .ignoreDependencyOnFailure(true)
                    .build());
    flows.add(
        new FlowJob("p", q.name, "{}", child)
            .withOptions(JobOptions.builder().jobId("p").delay(60_000L).build()));
    q.manual().fail(q.take(), new IllegalStateException("boom"), false);
    assertThat(q.redis().hexists(q.key("p:failed"), q.key("c"))).isTrue();
    q.clearEvents();

    jobs.retry("c", JobState.FAILED, JobOperations.Reset.NOTHING);

    var again = q.queue.job("c").orElseThrow();
    assertThat(again.failedReason()).isNull();
    assertThat(again.finishedOn()).isNull();
    assertThat(again.processedOn()).isNull();
    assertThat(again.attemptsMade()).isEqualTo(1);
    assertThat(q.queue.state("c")).isEqualTo(JobState.PRIORITIZED);
    assertThat(q.redis().smembers(q.key("p:dependencies"))).containsExactly(q.key("c"));
    assertThat(q.redis().exists(q.key("p:failed"))).isZero();
    assertThat(q.events()).containsExactly("event waiting jobId c prev failed");

    q.manual().complete(q.take(), "1", false);
    assertThat(q.redis().hexists(q.key("p:processed"), q.key("c"))).isTrue();
    jobs.retry("c", JobState.COMPLETED, JobOperations.Reset.ATTEMPTS);
    assertThat(q.queue.job("c").orElseThrow().returnValue()).isNull();
    assertThat(q.queue.job("c").orElseThrow().attemptsMade()).isZero();
    assertThat(q.queue.job("c").orElseThrow().attemptsStarted()).isZero();
    assertThat(q.redis().exists(q.key("p:processed"))).isZero();

    assertThatThrownBy(() -> jobs.retry("c", JobState.FAILED, JobOperations.Reset.NOTHING))
        .hasMessage("Job c is not in the failed state. reprocessJob");
    assertThatThrownBy(() -> jobs.retry("x", JobState.FAILED, JobOperations.Reset.NOTHING))
        .hasMessage("Missing key for job x. reprocessJob");
    assertThatThrownBy(() -> jobs.retry("c", JobState.ACTIVE, JobOperations.Reset.NOTHING))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aJobIsRemovedWithItsChildrenOrWithout() throws InterruptedException {
    var flows = new FlowProducer(q.connections, QueueOptions.DEFAULT);
    var tree =
        flows.add(
            new FlowJob(
                "p", q.name, "{}", new FlowJob("a", q.name, "{}"), new FlowJob("b", q.name, "{}")));
    var parent = tree.job().id();
    var a = tree.children().getFirst().job().id();
    var active = q.take();

    assertThat(jobs.remove(parent, JobOperations.Children.REMOVE)).isFalse();
    assertThat(q.queue.counts().waitingChildren()).isEqualTo(1);
    jobs.removeUnprocessedChildren(parent);
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(0, 1, 0, 0, 1, 0, 0));
    assertThat(active.id()).isEqualTo(a);
    q.clearEvents();
    assertThat(jobs.remove(parent, JobOperations.Children.KEEP)).isTrue();
    assertThat(q.events())
        .containsExactly("event removed jobId " + parent + " prev waiting-children");
    assertThat(q.redis().keys(q.key(parent + "*"))).isEmpty();
    assertThat(jobs.remove("nobody", JobOperations.Children.REMOVE)).isTrue();
    assertThat(jobs.remove(a, JobOperations.Children.REMOVE)).isFalse();
    q.manual().complete(active, "1", false);
    assertThat(jobs.remove(a, JobOperations.Children.REMOVE)).isTrue();
  }

  @Test
  void aChildCanLeaveItsParent() {
    var flows = new FlowProducer(q.connections, QueueOptions.DEFAULT);
    var tree = flows.add(new FlowJob("p", q.name, "{}", new FlowJob("a", q.name, "{}")));
    var child = tree.children().getFirst().job().id();

    assertThat(jobs.removeChildDependency(child)).isTrue();
    assertThat(q.queue.state(tree.job().id())).isEqualTo(JobState.WAITING);
    assertThat(q.queue.job(child).orElseThrow().parentKey()).isNull();
    assertThat(q.redis().hexists(q.key(child), "parent")).isFalse();
    assertThat(jobs.removeChildDependency(child)).isFalse();
    assertThatThrownBy(() -> jobs.removeChildDependency("nobody"))
        .hasMessage("Missing key for job nobody. removeChildDependency");
    q.redis().hset(q.key(child), "parentKey", q.key("gone"));
    assertThatThrownBy(() -> jobs.removeChildDependency(child))
        .hasMessage("Missing key for parent job " + q.key("gone") + ". removeChildDependency");
  }

  @Test
  void aSchedulersNextRunIsNotRemoved() {
    q.redis().zadd(q.key("repeat"), 1795399200000d, "cron:1");
    var id = "repeat:cron:1:1795399200000";
    q.redis().hset(q.key(id), java.util.Map.of("name", "n", "rjk", "cron:1", "timestamp", "1"));
    q.redis().lpush(q.key("wait"), id);

    assertThatThrownBy(() -> q.queue.remove(id))
        .isInstanceOf(JobOperationException.Conflict.class)
        .hasMessage(
            "Job " + id + " belongs to a job scheduler and cannot be removed directly. removeJob");
  }

  @Test
  void locksAreRenewedByTheirOwner() throws InterruptedException {
    q.add("a");
    var job = q.take();
    q.redis().sadd(q.key("stalled"), "1");

    assertThat(job.extendLock(Duration.ofMinutes(5))).isTrue();
    assertThat(q.redis().pttl(q.key("1:lock"))).isGreaterThan(200_000);
    assertThat(q.redis().exists(q.key("stalled"))).isZero();
    assertThat(jobs.extendLock("1", "foreign", Duration.ofSeconds(1))).isFalse();
    assertThat(jobs.extendLock("nobody", "t", Duration.ofSeconds(1))).isFalse();
    assertThatThrownBy(() -> jobs.extendLock("1", "t", Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void deduplicationIdsAreFreedByTheirOwner() {
    var deduplicated = JobOptions.builder().deduplication(Deduplication.untilFinished("d"));
    q.add("a", deduplicated);
    assertThat(q.queue.getters().deduplicationJobId("d")).contains("1");
    assertThat(jobs.removeDeduplicationKey("1")).isTrue();
    assertThat(jobs.removeDeduplicationKey("1")).isFalse();
    q.add("b", deduplicated);
    assertThat(jobs.removeDeduplicationKey("1")).isFalse();
    assertThat(q.queue.maintenance().removeDeduplicationKey("d")).isTrue();
    assertThat(q.queue.maintenance().removeDeduplicationKey("d")).isFalse();
  }
}
