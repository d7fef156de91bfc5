package dev.millrace.bullmq;

import dev.millrace.testing.RedisProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on Redis 6.2, the oldest that is supported. */
class OldestRedisIT extends QueueContract {
  private static RedisProcess redis;

  @BeforeAll
  static void startRedis() {
    redis = RedisProcess.startEmbedded();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @Override
  String url() {
    return redis.url();
  }
}
