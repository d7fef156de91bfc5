package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A paused queue that is shared with BullMQ 5. */
class PauseV5IT {
  private final TestQueue q =
      new TestQueue(TestRedis.url(), QueueOptions.DEFAULT.withCompat(Compat.V5));

  @AfterEach
  void close() {
    q.close();
  }

  @Test
  void jobsOfAPausedQueueAreWhereBullMq5LooksForThem() {
    q.add("before");
    q.queue.pause();
    q.add("meanwhile");
    assertThat(q.redis().lrange(q.key("paused"), 0, -1)).containsExactly("2", "1");
    assertThat(q.redis().exists(q.key("wait"))).isZero();
    assertThat(q.queue.state("2")).isEqualTo(JobState.WAITING);
    assertThat(q.queue.counts().waiting()).isEqualTo(2);
    // A client of version 6 added this one, and another pause must not overwrite anything.
    q.redis().lpush(q.key("wait"), "3");
    q.redis().hset(q.key("3"), "name", "six");

    q.queue.pause();
    q.queue.resume();

    assertThat(q.redis().lrange(q.key("wait"), 0, -1)).containsExactlyInAnyOrder("1", "2", "3");
    assertThat(q.redis().exists(q.key("paused"))).isZero();
    q.start(_ -> null, TestQueue.workerOptions().compat(Compat.V5).eagerFail(true).build());
    await().until(() -> q.queue.counts().completed() == 3);
  }
}
