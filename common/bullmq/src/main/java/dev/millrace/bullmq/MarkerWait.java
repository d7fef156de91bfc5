package dev.millrace.bullmq;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Waits, on a connection of its own, for the sign that there is work, and takes a job then. The
 * script that takes it is sent behind the wait: Redis runs it as soon as the wait is over, without
 * another round trip, and the thread that reads the reply starts the job. Used by one thread.
 */
final class MarkerWait implements AutoCloseable {
  private static final double SHORTEST_SECONDS = 0.002;
  private static final long GRACE_MILLIS = 1000;
  private static final long CLOCK_AGE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final RedisConnections connections;
  private final JobSource source;
  private final String key;
  private final String clientName;
  private @Nullable StatefulRedisConnection<String, String> connection;
  private long serverAheadMillis;
  private long comparedNanos;

  MarkerWait(RedisConnections connections, JobSource source, Keys keys, String workerName) {
    this.connections = connections;
    this.source = source;
    this.key = keys.marker();
    this.clientName = keys.workerClientName(workerName);
  }

  /**
   * Waits for the marker, and takes at most one job: more would be stuck for a while if this
   * process were cut off while Redis still holds its wait.
   *
   * @param start is told of the job, in a thread that must not block
   * @return whether there was one; {@link JobSource#last} says more
   * @throws RedisUnavailableException when the connection broke or cannot be had
   * @throws BullMqException when Redis refuses to wait
   */
  boolean take(Duration limit, Consumer<ActiveJob> start) throws InterruptedException {
    var open = connected();
    var call = source.fetchLater(serverAheadMillis);
    var commands = open.async();
    var seconds = Math.max(limit.toMillis() / 1000.0, SHORTEST_SECONDS);
    var sign = commands.bzpopmin(seconds, key).toCompletableFuture();
    var unanswered = new AtomicBoolean(true);
    var taken =
        call.send(commands)
            .thenApply(reply -> unanswered.compareAndSet(true, false) && start(call, reply, start));
    boolean found;
    try {
      found = taken.get(limit.toMillis() + GRACE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (RedisErrors.unwrap(e) instanceof RedisNoScriptException) {
        // Gone since the last ordinary call; the next one brings it back.
        source.forget();
        return false;
      }
      return giveUp(call, unanswered, taken, RedisErrors.translate(e, "waiting with " + key));
    } catch (TimeoutException e) {
      // A half-open connection never answers; the next wait opens another.
      return giveUp(call, unanswered, taken, null);
    } catch (InterruptedException e) {
      if (giveUp(call, unanswered, taken, null)) {
        Thread.currentThread().interrupt();
        return true;
      }
      throw e;
    }
    if (!found && sign.isCompletedExceptionally()) {
      throw RedisErrors.translate(sign.exceptionNow(), "waiting with " + key);
    }
    return found;
  }

  private boolean start(JobSource.Later call, List<Object> reply, Consumer<ActiveJob> start) {
    var jobs = source.took(call, reply).jobs();
    jobs.forEach(start);
    return !jobs.isEmpty();
  }

  /** Returns whether a job came nevertheless. */
  private boolean giveUp(
      JobSource.Later call,
      AtomicBoolean unanswered,
      CompletableFuture<Boolean> taken,
      @Nullable BullMqException problem) {
    close();
    if (unanswered.compareAndSet(true, false)) {
      // Redis may have run it all the same.
      source.abandon(call);
      if (problem != null) {
        throw problem;
      }
      return false;
    }
    return Scripts.join(taken, "waiting with " + key);
  }

  /** Returns the connection, when the clock of its server is known. */
  private StatefulRedisConnection<String, String> connected() throws InterruptedException {
    var open = connection;
    if (open == null) {
      open = connections.dedicated(clientName);
      connection = open;
    } else if (System.nanoTime() - comparedNanos < CLOCK_AGE_NANOS) {
      return open;
    }
    try {
      var time = open.async().time().toCompletableFuture();
      var told = ServerClock.read(time.get(GRACE_MILLIS, TimeUnit.MILLISECONDS));
      serverAheadMillis = told.toEpochMilli() - source.now();
      comparedNanos = System.nanoTime();
      return open;
    } catch (ExecutionException | TimeoutException e) {
      close();
      throw RedisErrors.translate(e, "asking for the time before waiting with " + key);
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
