package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is done to many jobs at once. */
class QueueMaintenanceIT {
  private final TestQueue q = new TestQueue(TestRedis.url());
  private final QueueMaintenance maintenance = q.queue.maintenance();

  @AfterEach
  void close() {
    q.close();
  }

  private void addMany(int count, JobOptions options) {
    q.queue.addBulk(
        IntStream.range(0, count).mapToObj(_ -> new NewJob("j", "{}", options)).toList());
  }

  private static JobOptions aged(String id, long age) {
    return JobOptions.builder().jobId(id).timestamp(System.currentTimeMillis() - age).build();
  }

  /** What a scheduler leaves of its next run, in the middle of the list. */
  private String nextRun() {
    var id = "repeat:s:1795399200000";
    q.redis().zadd(q.key("repeat"), 1795399200000d, "s");
    q.redis().hset(q.key("repeat:s"), Map.of("name", "s", "ic", "1"));
    q.redis()
        .hset(
            q.key(id),
            Map.of("name", "s", "rjk", "s", "timestamp", "1", "data", "{}", "opts", "{}"));
    q.redis().lpush(q.key("wait"), id);
    return id;
  }

  @Test
  void drainingSparesOnlySchedulersNextRuns() {
    addMany(700, JobOptions.NONE);
    var next = nextRun();
    addMany(700, JobOptions.NONE);
    addMany(10, JobOptions.builder().priority(4).build());
    addMany(5, JobOptions.builder().delay(60_000L).build());
    q.add("owner", JobOptions.builder().deduplication(Deduplication.untilFinished("d")));
    q.clearEvents();

    assertThat(maintenance.drain(false)).isEqualTo(1411);

    assertThat(q.redis().lrange(q.key("wait"), 0, -1)).containsExactly(next);
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(1, 0, 5, 0, 0, 0, 0));
    assertThat(q.redis().exists(q.key("de:d"), q.key("1"))).isZero();
    assertThat(q.events()).isEmpty();
    assertThat(maintenance.drain(true)).isEqualTo(5);
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(1, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void drainingChildrenTakesTheirParentsAlongInTheSameQueueOnly() {
    var other = new TestQueue(TestRedis.url());
    var flows = new FlowProducer(q.connections, QueueOptions.DEFAULT);
    var here = flows.add(new FlowJob("p", q.name, "{}", new FlowJob("c", q.name, "{}")));
    var there = flows.add(new FlowJob("p", other.name, "{}", new FlowJob("c", q.name, "{}")));

    assertThat(maintenance.drain(false)).isEqualTo(2);

    assertThat(q.queue.job(here.job().id())).isEmpty();
    assertThat(other.queue.state(there.job().id())).isEqualTo(JobState.WAITING);
    other.close();
  }

  @Test
  void cleaningTakesTheOldestOfAList() {
    q.add("young", JobOptions.builder());
    for (var i = 1; i <= 4; i++) {
      q.queue.add("old", "{}", aged("old" + i, 60_000));
    }
    q.add("also young");
    var next = nextRun();
    q.queue.add("lifo", "{}", aged("lifo", 90_000).toBuilder().lifo(true).build());
    q.clearEvents();

    assertThat(maintenance.clean(JobState.WAITING, Duration.ofSeconds(30), 3))
        .containsExactly("lifo", "old1", "old2");
    assertThat(maintenance.clean(JobState.WAITING, Duration.ofSeconds(30), 0))
        .containsExactly("old3", "old4");
    assertThat(q.redis().lrange(q.key("wait"), 0, -1)).hasSize(3).startsWith(next);
    assertThat(q.events()).contains("event cleaned count 3", "event cleaned count 2");
    assertThat(q.redis().exists(q.key("old1"), q.key("lifo"))).isZero();
  }

  @Test
  void cleaningFindsOldJobsAmongYoungOnesInBigLists() {
    addMany(1300, JobOptions.NONE);
    q.queue.add("old", "{}", aged("old1", 60_000));
    addMany(1300, JobOptions.NONE);
    q.queue.add("old", "{}", aged("old2", 60_000));

    assertThat(maintenance.clean(JobState.WAITING, Duration.ofSeconds(30), 0))
        .containsExactly("old1", "old2");

    var waiting = q.redis().lrange(q.key("wait"), 0, -1);
    assertThat(waiting).hasSize(2600).doesNotHaveDuplicates();
    assertThat(waiting.getFirst()).isEqualTo("2601");
    assertThat(waiting.getLast()).isEqualTo("1");
  }

  @Test
  void finishedDelayedAndPrioritizedJobsAreCleaned() throws InterruptedException {
    for (var i = 0; i < 3; i++) {
      q.add("j");
      q.manual().complete(q.take(), "1", false);
      q.add("j");
      q.manual().fail(q.take(), new IllegalStateException("boom"), false);
    }
    q.queue.add("d", "{}", aged("d", 5000).toBuilder().delay(60_000L).build());
    q.queue.add("p", "{}", aged("p", 5000).toBuilder().priority(1).build());
    q.add("fresh", JobOptions.builder().priority(1));

    assertThat(maintenance.clean(JobState.COMPLETED, Duration.ofMinutes(1), 0)).isEmpty();
    assertThat(maintenance.clean(JobState.COMPLETED, Duration.ZERO, 2)).containsExactly("1", "3");
    assertThat(maintenance.clean(JobState.COMPLETED, Duration.ZERO, 0)).containsExactly("5");
    assertThat(maintenance.clean(JobState.FAILED, Duration.ZERO, 0)).containsExactly("2", "4", "6");
    assertThat(maintenance.clean(JobState.DELAYED, Duration.ofSeconds(2), 0)).containsExactly("d");
    assertThat(maintenance.clean(JobState.PRIORITIZED, Duration.ofSeconds(2), 0))
        .containsExactly("p");
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(0, 0, 0, 1, 0, 0, 0));
    assertThatThrownBy(() -> maintenance.clean(JobState.UNKNOWN, Duration.ZERO, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> maintenance.clean(JobState.WAITING_CHILDREN, Duration.ZERO, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> maintenance.clean(JobState.FAILED, Duration.ofMillis(-1), 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> maintenance.clean(JobState.FAILED, Duration.ZERO, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void activeJobsAreCleanedOnlyWithoutALock() throws InterruptedException {
    q.add("a");
    q.add("b");
    q.take();
    q.take();
    q.redis().del(q.key("1:lock"));
    q.redis().sadd(q.key("stalled"), "1", "2");

    assertThat(maintenance.clean(JobState.ACTIVE, Duration.ZERO, 0)).containsExactly("1");
    assertThat(q.redis().lrange(q.key("active"), 0, -1)).containsExactly("2");
    assertThat(q.redis().smembers(q.key("stalled"))).containsExactly("2");
  }

  @Test
  void obliteratingLeavesNothing() throws InterruptedException {
    addMany(600, JobOptions.NONE);
    addMany(3, JobOptions.builder().priority(1).build());
    addMany(3, JobOptions.builder().delay(60_000L).build());
    new FlowProducer(q.connections, QueueOptions.DEFAULT)
        .add(new FlowJob("p", q.name, "{}", new FlowJob("c", q.name, "{}")));
    q.manual().complete(q.take(), "1", false);
    nextRun();
    q.queue.settings().rateLimit(Duration.ofMinutes(1));
    q.queue.settings().removeRateLimit();
    q.take();

    assertThatThrownBy(() -> maintenance.obliterate(false))
        .isInstanceOf(JobOperationException.QueueInUse.class)
        .hasMessage("Cannot obliterate queue with active jobs");
    assertThat(q.queue.isPaused()).isTrue();
    maintenance.obliterate(true);

    assertThat(q.redis().keys(q.key("*"))).isEmpty();
    maintenance.obliterate(false);
    assertThat(q.redis().keys(q.key("*"))).isEmpty();
  }

  @Test
  void allFailedJobsAreTriedAgain() throws InterruptedException {
    q.add("low", JobOptions.builder().priority(9));
    q.manual().fail(q.take(), new IllegalStateException("boom"), false);
    addMany(1200, JobOptions.NONE);
    for (var next = q.manual().next(Duration.ZERO); next.isPresent(); ) {
      next = q.manual().fail(next.get(), new IllegalStateException("boom"), true);
    }
    q.redis().zadd(q.key("failed"), 1, "dangling");
    q.clearEvents();

    assertThat(maintenance.retryJobs(JobState.FAILED)).isEqualTo(1201);

    assertThat(q.queue.counts()).isEqualTo(new JobCounts(1200, 0, 0, 1, 0, 0, 0));
    assertThat(q.redis().lrange(q.key("wait"), -1, -1)).containsExactly("2");
    assertThat(q.queue.job("2").orElseThrow().attemptsMade()).isEqualTo(1);
    assertThat(q.events()).contains("event waiting jobId 2 prev failed");
    assertThat(maintenance.retryJobs(JobState.COMPLETED, 0)).isZero();
    assertThatThrownBy(() -> maintenance.retryJobs(JobState.DELAYED))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void allDelayedJobsArePromoted() {
    addMany(1100, JobOptions.builder().delay(60_000L).build());
    q.add("p", JobOptions.builder().delay(60_000L).priority(2));
    assertThat(maintenance.promoteJobs()).isEqualTo(1101);
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(1100, 0, 0, 1, 0, 0, 0));
    assertThat(q.queue.job("1").orElseThrow().delay()).isZero();
    assertThat(q.events()).contains("event waiting jobId 1 prev delayed");
  }

  @Test
  void orphansGoAndNothingElse() throws InterruptedException {
    var next = nextRun();
    addMany(50, JobOptions.builder().deduplication(Deduplication.throttle("d", 60_000)).build());
    addMany(50, JobOptions.builder().priority(1).build());
    q.add("active");
    q.redis().rpush(q.key("wait"), "filler");
    q.redis().hset(q.key("filler"), Map.of("name", "n", "timestamp", "1"));
    var active = q.take();
    active.log("row");
    q.queue.maintenance().trimEvents(0);
    q.redis().hset(q.key("orphan"), Map.of("name", "n", "timestamp", "1"));
    q.redis().rpush(q.key("orphan:logs"), "row");
    q.redis().rpush(q.key("leftover:logs"), "row");
    q.redis().hset(q.key("repeat:gone:1795399200000"), Map.of("name", "n", "timestamp", "1"));
    q.redis().hset(q.key("locked"), Map.of("name", "n", "timestamp", "1"));
    q.redis().set(q.key("locked:lock"), "t");
    q.redis().hset(q.key("future"), Map.of("field", "value"));
    var before = new ArrayList<>(q.redis().keys(q.key("*")));

    assertThat(maintenance.removeOrphanedJobs(1)).isEqualTo(1);
    assertThat(maintenance.removeOrphanedJobs(0)).isEqualTo(2);

    before.removeAll(
        List.of(
            q.key("orphan"),
            q.key("orphan:logs"),
            q.key("leftover:logs"),
            q.key("repeat:gone:1795399200000")));
    assertThat(q.redis().keys(q.key("*"))).containsExactlyInAnyOrderElementsOf(before);
    assertThat(before).contains(q.key(next), q.key("repeat:s"), q.key("future"));
  }

  @Test
  void eventsAreTrimmed() {
    addMany(600, JobOptions.NONE);
    assertThat(maintenance.trimEvents(100)).isGreaterThan(500);
    assertThat(q.redis().xlen(q.key("events"))).isLessThan(400);
    q.redis().set(q.key("priority"), "old");
    assertThat(maintenance.removeDeprecatedPriorityKey()).isTrue();
    assertThatThrownBy(() -> maintenance.trimEvents(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
