package dev.millrace.bullmq;

import io.lettuce.core.api.StatefulRedisConnection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at each server that is connected to: refuses one that cannot run the scripts, and warns,
 * once per kind, of one that is old or throws data away.
 */
final class ServerCheck {
  private static final Logger log = LoggerFactory.getLogger(ServerCheck.class);
  private static final long ANSWER_LIMIT_MILLIS = 2000;

  private final AtomicBoolean warned = new AtomicBoolean();

  /**
   * Checks the server at the other end.
   *
   * @throws BullMqException when it is too old
   * @throws RedisUnavailableException when it does not answer, or is still loading
   */
  void check(StatefulRedisConnection<?, ?> connection) {
    var info = ServerInfo.parse(info(connection));
    var refusal = info.refusal();
    if (refusal.isPresent()) {
      throw new BullMqException(refusal.get());
    }
    info.warning().filter(_ -> warned.compareAndSet(false, true)).ifPresent(log::warn);
  }

  private static String info(StatefulRedisConnection<?, ?> connection) {
    try {
      return connection
          .async()
          .info()
          .toCompletableFuture()
          .get(ANSWER_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      var error = RedisErrors.translate(e, "asking Redis for its version");
      if (error instanceof RedisUnavailableException) {
        throw error;
      }
      // The user may lack the permission; that is no reason not to work.
      log.debug("Redis does not tell its version", e);
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullMqException("interrupted while asking Redis for its version", e);
    }
  }
}
