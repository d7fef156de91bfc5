package dev.millrace.bullmq;

import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Waits on a connection of its own for the sign that there is work. Used by one thread. */
final class MarkerWait implements AutoCloseable {
  private static final double SHORTEST_SECONDS = 0.002;
  private static final long GRACE_MILLIS = 1000;

  private final RedisConnections connections;
  private final String key;
  private final String clientName;
  private @Nullable StatefulRedisConnection<String, String> connection;

  MarkerWait(RedisConnections connections, Keys keys, String workerName) {
    this.connections = connections;
    this.key = keys.marker();
    this.clientName = keys.workerClientName(workerName);
  }

  /**
   * Waits for the marker.
   *
   * @return its score: 0 for work now, else when a delayed job is due, in ms; empty if nothing came
   *     in time
   * @throws RedisUnavailableException when the connection broke or cannot be had
   */
  OptionalDouble await(Duration limit) throws InterruptedException {
    var open = connection != null ? connection : connections.dedicated(clientName);
    connection = open;
    var seconds = Math.max(limit.toMillis() / 1000.0, SHORTEST_SECONDS);
    try {
      var popped =
          open.async()
              .bzpopmin(seconds, key)
              .toCompletableFuture()
              .get(limit.toMillis() + GRACE_MILLIS, TimeUnit.MILLISECONDS);
      return popped == null || !popped.hasValue()
          ? OptionalDouble.empty()
          : OptionalDouble.of(popped.getValue().getScore());
    } catch (TimeoutException e) {
      // A half-open connection never answers; the next wait opens another.
      close();
      return OptionalDouble.empty();
    } catch (ExecutionException e) {
      close();
      throw RedisErrors.translate(e, "waiting for jobs with " + key);
    } catch (InterruptedException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    var open = connection;
    connection = null;
    if (open != null) {
      // Also ends a wait that the server is still in.
      RedisConnections.release(open);
    }
  }
}
