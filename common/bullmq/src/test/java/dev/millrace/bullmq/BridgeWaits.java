package dev.millrace.bullmq;

import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The operations of a backend that wait: for jobs, and for events. They have a connection of their
 * own, so that nothing waits behind them, and end when that is taken away from them.
 */
final class BridgeWaits implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final Duration LONGEST_READ = Duration.ofMinutes(1);

  private final BridgeBackend backend;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable StatefulRedisConnection<String, String> connection;
  private boolean disconnected;

  /** What "$" meant when it was first read: nothing that came since is passed over. */
  private volatile @Nullable String beginning;

  BridgeWaits(BridgeBackend backend) {
    this.backend = backend;
  }

  Map<String, BridgeOperation> operations() {
    return Map.of(
        "waitForJob", this::waitForJob,
        "readEvents", this::readEvents,
        "disconnectBlocking", this::disconnect,
        "reconnectBlocking", this::reconnect);
  }

  private CompletableFuture<JsonNode> waitForJob(BridgeArgs args) {
    var seconds = args.at(0).doubleValue();
    backend.clock.waits((long) (seconds * 1000));
    var limit = Duration.ofMillis((long) (seconds * 1000)).plus(GRACE);
    return backend.later(() -> {
      var popped = wait(limit, open -> open.async().bzpopmin(seconds, backend.keys.marker()));
      if (popped == null || !popped.hasValue()) {
        return Json.tree("null");
      }
      return Json.object()
          .put("member", popped.getValue().getValue())
          .put("score", (long) popped.getValue().getScore());
    });
  }

  /** Returns {@code [[key, [[id, [field, value, …]], …]]]}, null if nothing came in time. */
  @SuppressWarnings("unchecked") // Lettuce wants an array of offsets
  private CompletableFuture<JsonNode> readEvents(BridgeArgs args) {
    var millis = args.number(1, 10_000);
    var key = backend.keys.events();
    return backend.later(() -> {
      var id = from(args.text(0));
      var limit = millis > 0 ? Duration.ofMillis(millis).plus(GRACE) : LONGEST_READ;
      var messages =
          wait(
              limit,
              open ->
                  open.async().xread(XReadArgs.Builder.block(millis), StreamOffset.from(key, id)));
      if (messages == null || messages.isEmpty()) {
        return Json.tree("null");
      }
      var entries = Json.array();
      for (var message : messages) {
        var fields = Json.array();
        message.getBody().forEach((name, value) -> fields.add(name).add(value));
        entries.add(Json.array().add(message.getId()).add(fields));
      }
      return Json.array().add(Json.array().add(key).add(entries));
    });
  }

  private String from(String id) {
    if (!id.equals("$")) {
      return id;
    }
    var known = beginning;
    if (known == null) {
      var newest =
          backend
              .scripts
              .commands()
              .call(
                  "events",
                  c ->
                      c.xrevrange(
                          backend.keys.events(),
                          io.lettuce.core.Range.unbounded(),
                          io.lettuce.core.Limit.from(1)));
      known = newest.isEmpty() ? "0-0" : newest.getFirst().getId();
      beginning = known;
    }
    return known;
  }

  /** A command that blocks its connection. */
  private interface Blocking<T> {
    io.lettuce.core.RedisFuture<T> on(StatefulRedisConnection<String, String> connection);
  }

  private <T> @Nullable T wait(Duration limit, Blocking<T> command) {
    var open = open();
    var reply = backend.connections.limit(command.on(open).toCompletableFuture(), limit);
    try {
      return reply.join();
    } catch (CompletionException e) {
      var isLate = RedisErrors.unwrap(e) instanceof java.util.concurrent.TimeoutException;
      if (release(open) && isLate) {
        // A half-open connection never answers; the next wait opens another.
        return null;
      }
      throw RedisErrors.translate(e, "waiting on " + backend.keys.base());
    } catch (java.util.concurrent.CancellationException e) {
      release(open);
      throw RedisErrors.translate(e, "waiting on " + backend.keys.base());
    }
  }

  private StatefulRedisConnection<String, String> open() {
    lock.lock();
    try {
      if (disconnected) {
        throw new RedisUnavailableException("the waits were disconnected", false, null);
      }
      var open = connection;
      if (open == null) {
        open = backend.connections.dedicated("millrace-bridge");
        connection = open;
      }
      return open;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether the connection was still in use. */
  @SuppressWarnings("ReferenceEquality") // that very one
  private boolean release(StatefulRedisConnection<String, String> used) {
    lock.lock();
    try {
      if (connection != used) {
        return false;
      }
      connection = null;
    } finally {
      lock.unlock();
    }
    RedisConnections.release(used);
    return true;
  }

  private CompletableFuture<JsonNode> disconnect(BridgeArgs args) {
    return backend.later(() -> {
      close();
      return Json.tree("null");
    });
  }

  private CompletableFuture<JsonNode> reconnect(BridgeArgs args) {
    lock.lock();
    try {
      disconnected = false;
    } finally {
      lock.unlock();
    }
    return CompletableFuture.completedFuture(Json.tree("null"));
  }

  @Override
  public void close() {
    StatefulRedisConnection<String, String> open;
    lock.lock();
    try {
      disconnected = true;
      open = connection;
      connection = null;
    } finally {
      lock.unlock();
    }
    if (open != null) {
      RedisConnections.release(open);
    }
  }
}
