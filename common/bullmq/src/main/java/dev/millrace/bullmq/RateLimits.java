package dev.millrace.bullmq;

import io.lettuce.core.SetArgs;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** The rate limit that a processor imposes by hand, e.g. since a service answered "too many". */
final class RateLimits {
  /** A count that no limit allows. */
  private static final String EXHAUSTED = "9007199254740991";

  private final RedisConnections connections;
  private final String key;
  private final LongConsumer limitUntil;

  /**
   * @param limitUntil keeps this worker from taking jobs until then, ms since 1970
   */
  RateLimits(RedisConnections connections, Keys keys, LongConsumer limitUntil) {
    this.connections = connections;
    this.key = keys.key("limiter");
    this.limitUntil = limitUntil;
  }

  /** Lets no worker that has a limit start jobs for a time. */
  void limit(Duration duration) {
    var arguments = SetArgs.Builder.px(duration.toMillis());
    await(connections.shared().async().set(key, EXHAUSTED, arguments).toCompletableFuture());
  }

  /** This worker's processor met the limit: the worker waits, also if it has none of its own. */
  void met() {
    long left = await(connections.shared().async().pttl(key).toCompletableFuture());
    if (left > 0) {
      limitUntil.accept(System.currentTimeMillis() + left);
    }
  }

  private <T> T await(CompletableFuture<T> reply) {
    var limited = reply.orTimeout(RedisConnections.CALL_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    return Scripts.await(limited, "rate limit " + key);
  }
}
