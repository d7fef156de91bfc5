package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.RedisProcess;
import io.lettuce.core.KillArgs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Redis is killed and comes back, with its data or without. */
class OutageIT {
  private static final Duration BACK_WITHIN = Duration.ofSeconds(3);
  private static final Duration OUTAGE = Duration.ofSeconds(5);

  private final RedisProcess redis =
      RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
  private final TestQueue q = new TestQueue(redis.url());

  @AfterEach
  void close() {
    q.close();
    redis.close();
  }

  private void outage(boolean wipe) {
    redis.kill();
    await().until(() -> !q.connections.ping(Duration.ofSeconds(1)));
    await().pollDelay(OUTAGE).atMost(OUTAGE.plusSeconds(5)).until(() -> true);
    if (wipe) {
      redis.wipe();
    }
    redis.restart();
  }

  @Test
  void everythingWorksAgainAfterACrash() throws Exception {
    var events = QueueEvents.open(q.connections, q.name, "bull");
    assertThat(events.awaitReady(Duration.ofSeconds(10))).isTrue();
    List<String> done = Collections.synchronizedList(new ArrayList<>());
    var hold = new CountDownLatch(1);
    q.start(
        job -> {
          if (job.job().name().equals("over the outage")) {
            assertThat(hold.await(30, TimeUnit.SECONDS)).isTrue();
          }
          done.add(job.job().name());
          return "\"ok\"";
        },
        TestQueue.workerOptions().concurrency(4).build());
    var held = events.whenFinished(q.add("over the outage").id());
    await().until(() -> q.queue.counts().active() == 1);

    redis.kill();
    await().until(() -> !q.connections.ping(Duration.ofSeconds(1)));
    assertThatThrownBy(() -> q.add("rejected")).isInstanceOf(RedisUnavailableException.class);
    // Its result has nowhere to go for now.
    hold.countDown();
    await().pollDelay(OUTAGE).atMost(OUTAGE.plusSeconds(5)).until(() -> done.size() == 1);
    redis.restart();

    await().atMost(BACK_WITHIN).until(() -> q.connections.ping(Duration.ofSeconds(1)));
    var after = events.whenFinished(q.add("after").id());
    assertThat(after.get(3, TimeUnit.SECONDS)).isEqualTo(new JobOutcome.Completed("\"ok\""));
    assertThat(held.get(8, TimeUnit.SECONDS)).isEqualTo(new JobOutcome.Completed("\"ok\""));
    assertThat(done).containsExactly("over the outage", "after");
    events.close();
  }

  @Test
  void everythingWorksAgainAfterTheDataIsLost() throws Exception {
    var events = QueueEvents.open(q.connections, q.name, "bull");
    assertThat(events.awaitReady(Duration.ofSeconds(10))).isTrue();
    q.start(job -> job.job().data(), TestQueue.workerOptions().build());
    assertThat(events.whenFinished(q.add("before").id()).get(5, TimeUnit.SECONDS))
        .isEqualTo(new JobOutcome.Completed("{}"));
    q.queue.pause();
    var lost = events.whenFinished(q.add("lost").id());

    outage(true);

    await().atMost(BACK_WITHIN).until(() -> q.connections.ping(Duration.ofSeconds(1)));
    var custom = JobOptions.builder().jobId("fresh").build();
    var after = events.whenFinished(q.queue.add("after", "[1]", custom).id());
    assertThat(after.get(3, TimeUnit.SECONDS)).isEqualTo(new JobOutcome.Completed("[1]"));
    assertThat(lost.get(8, TimeUnit.SECONDS)).isEqualTo(new JobOutcome.Gone());
    assertThat(q.redis().hget(q.key("meta"), "version")).isEqualTo("bullmq:6.2.0");
    events.close();
  }

  @Test
  void startingWhileRedisIsAwayFailsFastAndRecovers() throws Exception {
    redis.kill();
    var late = new TestQueue(redis.url());
    var worker = late.start(_ -> "1");
    var events = QueueEvents.open(late.connections, late.name, "bull");
    var before = System.nanoTime();
    assertThatThrownBy(() -> late.add("j"))
        .isInstanceOf(RedisUnavailableException.class)
        .hasMessageContaining("Redis is away");
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));
    assertThat(late.connections.ping(Duration.ofSeconds(1))).isFalse();

    redis.restart();

    assertThat(late.connections.awaitUp(BACK_WITHIN)).isTrue();
    assertThat(events.awaitReady(Duration.ofSeconds(3))).isTrue();
    assertThat(events.whenFinished(late.add("j").id()).get(3, TimeUnit.SECONDS))
        .isEqualTo(new JobOutcome.Completed("1"));
    await().until(() -> worker.activeCount() == 0);
    events.close();
    late.close();
  }

  @Test
  void killedConnectionsAreReplaced() {
    q.start(_ -> null, TestQueue.workerOptions().build());
    try (var killer = q.connections.dedicated("killer")) {
      for (var round = 1; round <= 3; round++) {
        var all = KillArgs.Builder.typeNormal().skipme(true);
        assertThat(killer.sync().clientKill(all)).isPositive();
        await().atMost(BACK_WITHIN).until(() -> q.connections.ping(Duration.ofSeconds(1)));
        var id = q.add("j").id();
        await().atMost(BACK_WITHIN).until(() -> q.queue.state(id) == JobState.COMPLETED);
      }
    }
  }

  @Test
  void forgottenScriptsAreSentAgain() {
    List<String> done = Collections.synchronizedList(new ArrayList<>());
    q.start(
        job -> {
          // In the middle of work, so that the scripts that end it are unknown.
          q.redis().scriptFlush();
          done.add(job.id());
          return null;
        },
        TestQueue.workerOptions().concurrency(2).build());
    for (var i = 1; i <= 20; i++) {
      q.add("j");
      q.redis().scriptFlush();
    }
    await().until(() -> q.queue.counts().completed() == 20);
    assertThat(done).hasSize(20).doesNotHaveDuplicates();
  }
}
