package dev.millrace.cluster.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.RedisNodes;
import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.pubsub.RedisPubSubTransport;
import dev.millrace.cluster.pubsub.TransportPubSub;
import dev.millrace.testing.RedisProcess;
import dev.millrace.testing.TestRedis;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RedisLocksIT extends LocksContract {
  private final String prefix = RedisNodes.newPrefix();
  private final List<AutoCloseable> closing = new ArrayList<>();

  @Override
  protected Locks newNode() {
    return newNode(TestRedis.url());
  }

  private Locks newNode(String url) {
    var link = RedisNodes.link(url, prefix);
    var pubSub = new TransportPubSub(new RedisPubSubTransport(link));
    var locks = new RedisLocks(link, pubSub);
    pubSub.connect();
    closing.addAll(List.of(pubSub, link));
    return locks;
  }

  @AfterEach
  void closeConnections() throws Exception {
    for (var each : closing) {
      each.close();
    }
  }

  @Test
  void whoLosesTheLeaseInRedisIsToldBeforeItEnds() throws Exception {
    var locks = newNode();
    var lost = new AtomicBoolean();
    var lock = locks.acquire("stolen", LockOptions.DEFAULT.withTtl(Duration.ofSeconds(1)));
    lock.onLost(() -> lost.set(true));
    var client = RedisClient.create(TestRedis.url());
    try (var connection = client.connect()) {
      connection.sync().del(prefix + "lock:stolen");
    } finally {
      client.shutdown();
    }
    await().atMost(Duration.ofSeconds(5)).untilTrue(lost);
    assertThatThrownBy(lock::requireHeld).isInstanceOf(LockLostException.class);
    assertThatThrownBy(() ->
            locks.runExclusive(
                "stolen",
                Duration.ofMillis(300),
                held -> {
                  drop("lock:stolen");
                  await().atMost(Duration.ofSeconds(5)).until(() -> !held.isHeld());
                  return "done";
                }))
        .isInstanceOfAny(LockLostException.class, InterruptedException.class)
        .satisfies(e -> assertThat(Thread.interrupted()).isFalse());
  }

  private void drop(String key) {
    var client = RedisClient.create(TestRedis.url());
    try (var connection = client.connect()) {
      connection.sync().del(prefix + key);
    } finally {
      client.shutdown();
    }
  }

  @Test
  void tokensGrowAlsoWhenRedisLosesItsData() throws Exception {
    try (var redis = RedisProcess.start()) {
      var locks = newNode(redis.url());
      var first = locks.acquire("k");
      first.release();
      redis.kill();
      assertThatThrownBy(() -> awaitRefusal(locks))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("Redis cannot be used for lock k");
      redis.restart();
      await()
          .atMost(Duration.ofSeconds(10))
          .ignoreExceptionsInstanceOf(UnavailableException.class)
          .until(() -> {
            var lock = locks.tryAcquire("k");
            return lock != null && lock.token() > first.token();
          });
    }
  }

  private static void awaitRefusal(Locks locks) throws InterruptedException {
    for (var i = 0; i < 10; i++) {
      var lock = locks.tryAcquire("k");
      if (lock != null) {
        lock.release();
      }
    }
  }
}
