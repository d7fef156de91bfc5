package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Jobs that depend on each other. */
class FlowIT {
  private final TestQueue q = new TestQueue(TestRedis.url());

  @AfterEach
  void close() {
    q.close();
  }

  private List<String> order(int count) {
    var order = new CopyOnWriteArrayList<String>();
    q.start(job -> {
      order.add(job.job().name());
      return null;
    });
    await().until(() -> q.queue.counts().completed() == count);
    return order;
  }

  @Test
  void aSimpleDeduplicationRefusesTheSecond() {
    var first = q.add("a", JobOptions.builder().deduplication(Deduplication.untilFinished("d1")));
    var second = q.add("b", JobOptions.builder().deduplication(Deduplication.untilFinished("d1")));

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(q.events())
        .endsWith("event deduplicated jobId 1 deduplicationId d1 deduplicatedJobId 2");
    assertThat(order(1)).containsExactly("a");
    assertThat(q.redis().exists(q.key("de:d1"))).isZero();
  }

  @Test
  void aParentIsReleasedByItsLastChild() {
    q.redis().hset(q.key("p"), Map.of("name", "parent", "data", "{}", "opts", "{}"));
    q.redis().zadd(q.key("waiting-children"), 1, "p");
    var ref = new ParentRef("p", "bull:" + q.name);
    q.add("c1", JobOptions.builder().parent(ref));
    q.add("c2", JobOptions.builder().parent(ref));

    assertThat(order(3)).containsExactly("c1", "c2", "parent");
    assertThat(q.redis().hgetall(q.key("p:processed"))).containsOnlyKeys(q.key("1"), q.key("2"));
  }

  @Test
  void aFailedChildFailsItsParent() {
    q.redis().hset(q.key("p"), Map.of("name", "parent", "data", "{}", "opts", "{}"));
    q.redis().zadd(q.key("waiting-children"), 1, "p");
    q.add(
        "c1",
        JobOptions.builder()
            .parent(new ParentRef("p", "bull:" + q.name))
            .failParentOnFailure(true));
    q.start(_ -> {
      throw new IllegalStateException("boom");
    });

    await().until(() -> q.queue.state("p") == JobState.FAILED);
    assertThat(q.queue.job("p").orElseThrow().failedReason())
        .isEqualTo("child " + q.key("1") + " failed");
  }

  @Test
  void oldFleetsSeeAParentFailWithItsChild() {
    q.redis().hset(q.key("p"), Map.of("name", "parent", "data", "{}", "opts", "{}"));
    q.redis().zadd(q.key("waiting-children"), 1, "p");
    q.add(
        "c1",
        JobOptions.builder()
            .parent(new ParentRef("p", "bull:" + q.name))
            .failParentOnFailure(true));
    q.start(
        _ -> {
          throw new IllegalStateException("boom");
        },
        TestQueue.workerOptions().compat(Compat.V5).eagerFail(true).build());

    await().until(() -> q.queue.state("1") == JobState.FAILED);
    assertThat(q.queue.state("p")).isEqualTo(JobState.FAILED);
    assertThat(q.redis().smembers(q.key("p:dependencies"))).containsExactly(q.key("1"));
    assertThat(q.events())
        .containsSubsequence(
            "event failed jobId p failedReason child "
                + q.key("1")
                + " failed"
                + " prev waiting-children",
            "event failed jobId 1 failedReason boom prev active");
  }

  @Test
  void aRefusedJobRunsAfterTheActiveOneIfThatIsAskedFor() {
    var latest = new Deduplication("d", null, false, false, true);
    var source = q.manualSource(WorkerOptions.DEFAULT);
    q.add("a", JobOptions.builder().deduplication(latest));
    var active = source.fetch(1).jobs().getFirst();
    q.add("b", JobOptions.builder().deduplication(latest));
    q.add("c", JobOptions.builder().deduplication(latest));

    var finished = source.finish(Finish.completed(active, "1", KeepJobs.ALL)).join();

    assertThat(finished.next())
        .isNotNull()
        .satisfies(next -> {
          assertThat(next.job().name()).isEqualTo("c");
          assertThat(next.id()).isEqualTo("3");
        });
    assertThat(q.redis().get(q.key("id"))).isEqualTo("4");
    assertThat(q.redis().exists(q.key("dn:d"))).isZero();
  }

  @Test
  void aDelayedOwnerIsReplaced() {
    var debounce = new Deduplication("d", 5000L, true, true, false);
    for (var i = 1; i <= 3; i++) {
      q.add("j" + i, JobOptions.builder().delay(60_000L).deduplication(debounce));
    }
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(0, 0, 1, 0, 0, 0, 0));
    assertThat(q.queue.state("3")).isEqualTo(JobState.DELAYED);
    assertThat(q.events())
        .containsSubsequence(
            "event removed jobId 1 prev delayed",
            "event deduplicated jobId 2 deduplicationId d deduplicatedJobId 1",
            "event added jobId 2 name j2");
  }
}
