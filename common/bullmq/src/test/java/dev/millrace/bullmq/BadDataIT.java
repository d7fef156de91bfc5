package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Queues that somebody else has spoilt. */
class BadDataIT {
  private final TestQueue q = new TestQueue(TestRedis.url());

  @AfterEach
  void close() {
    q.close();
  }

  @Test
  void aKeyOfAnotherTypeStopsAnOperationBeforeItChangesAnything() throws InterruptedException {
    q.add("d", JobOptions.builder().delay(60_000L));
    q.add("w");
    q.add("f");
    q.manual().fail(q.take(), new IllegalStateException("boom"), false);
    q.redis().set(q.key("prioritized"), "not a set");
    var flows = new FlowProducer(q.connections, QueueOptions.DEFAULT);
    var id = q.redis().get(q.key("id"));

    List<ThrowingCallable> operations =
        List.of(
            () -> q.queue.jobs().promote("1"),
            () -> q.queue.jobs().changePriority("1", 3),
            () -> q.queue.jobs().retry("2", JobState.FAILED, JobOperations.Reset.NOTHING),
            () -> q.queue.remove("3"),
            () -> q.queue.maintenance().promoteJobs(),
            () -> q.queue.maintenance().clean(JobState.WAITING, Duration.ZERO, 0),
            () -> flows.add(new FlowJob("p", q.name, "{}", new FlowJob("c", q.name, "{}"))));
    for (var operation : operations) {
      assertThatThrownBy(operation)
          .isInstanceOf(BullMqException.class)
          .hasMessageContaining(
              "key " + q.key("prioritized") + " is a string where a zset belongs");
    }

    assertThat(q.queue.state("1")).isEqualTo(JobState.DELAYED);
    assertThat(q.redis().lrange(q.key("wait"), 0, -1)).containsExactly("3");
    assertThat(q.redis().zscore(q.key("failed"), "2")).isNotNull();
    assertThat(q.redis().get(q.key("id"))).isEqualTo(id);
  }

  @Test
  void danglingIdsNeverBecomeJobs() {
    q.redis().zadd(q.key("delayed"), 4096d, "ghost");
    assertThatThrownBy(() -> q.queue.jobs().promote("ghost"))
        .isInstanceOf(JobOperationException.Missing.class)
        .hasMessage("Missing key for job ghost. promote");
    q.redis().zadd(q.key("delayed"), 4096d, "ghost");
    assertThat(q.queue.maintenance().promoteJobs()).isZero();
    q.redis().zadd(q.key("completed"), 1, "ghost");
    assertThat(q.queue.maintenance().retryJobs(JobState.COMPLETED)).isZero();
    q.redis().lpush(q.key("wait"), "ghost");
    assertThat(q.queue.maintenance().clean(JobState.WAITING, Duration.ofHours(1), 0))
        .containsExactly("ghost");
    assertThat(q.redis().keys(q.key("*")))
        .containsExactlyInAnyOrder(q.key("meta"), q.key("events"));
  }

  @Test
  void malformedJsonOfOthersIsLivedWith() throws InterruptedException {
    q.redis()
        .hset(
            q.key("bad"),
            Map.of(
                "name",
                "n",
                "data",
                "{",
                "opts",
                "{lifo",
                "parent",
                "}",
                "parentKey",
                q.key("p"),
                "stacktrace",
                "x",
                "timestamp",
                "soon",
                "priority",
                "high"));
    q.redis().hset(q.key("p"), Map.of("name", "parent"));
    q.redis().sadd(q.key("p:dependencies"), q.key("bad"), "no key at all");
    q.redis().zadd(q.key("waiting-children"), 1, "p");
    q.redis().zadd(q.key("failed"), 1, "bad");

    var job = q.queue.job("bad").orElseThrow();
    assertThat(job.data()).isEqualTo("{");
    assertThat(job.deferredFailure()).startsWith("job options cannot be read");
    var flows = new FlowProducer(q.connections, QueueOptions.DEFAULT);
    assertThat(flows.flow(q.name, "p").orElseThrow().children()).hasSize(1);
    q.queue.jobs().retry("bad", JobState.FAILED, JobOperations.Reset.ATTEMPTS);
    q.queue.jobs().changePriority("bad", 0);
    assertThat(q.queue.jobs().removeChildDependency("bad")).isTrue();
    assertThat(q.queue.state("bad")).isEqualTo(JobState.WAITING);
    assertThat(q.queue.remove("p")).isTrue();
    assertThat(q.queue.remove("bad")).isTrue();
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void jobsThatWaitForEachOtherCanBeRemoved() {
    for (var pair : List.of(List.of("a", "b"), List.of("b", "a"))) {
      var key = q.key(pair.getFirst());
      q.redis().hset(key, Map.of("name", "n", "parentKey", q.key(pair.getLast())));
      q.redis().sadd(key + ":dependencies", q.key(pair.getLast()));
      q.redis().zadd(q.key("waiting-children"), 1, pair.getFirst());
    }
    assertThat(q.queue.remove("a")).isTrue();
    assertThat(q.redis().zcard(q.key("waiting-children"))).isZero();
    assertThat(q.redis().exists(q.key("a"), q.key("b"))).isZero();
  }
}
