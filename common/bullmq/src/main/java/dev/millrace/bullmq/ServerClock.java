package dev.millrace.bullmq;

import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time of Redis: asked for at each new connection and every few seconds, and counted in between
 * by a clock that does not jump. {@link #instant} never waits, and never throws: while Redis is
 * away the last answer goes on counting. Thread-safe.
 */
final class ServerClock implements InstantSource {
  private static final Logger log = LoggerFactory.getLogger(ServerClock.class);
  private static final long ANSWER_LIMIT_MILLIS = 2_000;
  private static final long ASKED_EVERY = 5_000_000_000L;
  private static final long TRIED_EVERY = 500_000_000L;

  /** An answer that took longer says too little of when it was true, once there is another. */
  private static final long PROMPT = 1_000_000_000L;

  private final Supplier<StatefulRedisConnection<String, String>> connection;
  private final InstantSource before;
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile @Nullable Told told;
  private volatile long triedAt = System.nanoTime() - TRIED_EVERY;

  private record Told(Instant time, long nanos) {
    Instant at(long now) {
      return time.plusNanos(now - nanos);
    }
  }

  /**
   * @param connection throws when there is none
   * @param before holds until Redis has told its time
   */
  ServerClock(Supplier<StatefulRedisConnection<String, String>> connection, InstantSource before) {
    this.connection = connection;
    this.before = before;
  }

  @Override
  public Instant instant() {
    var now = System.nanoTime();
    var last = told;
    var old = last == null || now - last.nanos() >= ASKED_EVERY;
    if (old && now - triedAt >= TRIED_EVERY && asking.compareAndSet(false, true)) {
      triedAt = now;
      ask(now);
      last = told;
    }
    return last == null ? before.instant() : last.at(System.nanoTime());
  }

  /**
   * Asks over a new connection and waits for the answer, so that nothing is timed without it; when
   * Redis does not tell its time, that is logged and no reason not to work.
   */
  void learn(StatefulRedisConnection<String, String> connection) {
    var sent = System.nanoTime();
    try {
      var answer = connection.async().time().toCompletableFuture();
      heard(answer.get(ANSWER_LIMIT_MILLIS, TimeUnit.MILLISECONDS), sent);
    } catch (ExecutionException | TimeoutException e) {
      if (told == null) {
        log.warn("Redis does not tell its time; until it does, this machine's clock holds", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullMqException("interrupted while asking Redis for its time", e);
    }
  }

  private void ask(long sent) {
    try {
      var _ =
          connection
              .get()
              .async()
              .time()
              .whenComplete((answer, failure) -> {
                if (failure == null) {
                  heard(answer, sent);
                }
                asking.set(false);
              });
    } catch (RuntimeException e) {
      // Redis is away, as the caller is about to find out.
      asking.set(false);
    }
  }

  private void heard(List<String> answer, long sent) {
    var received = System.nanoTime();
    if (told == null || received - sent <= PROMPT) {
      told = new Told(read(answer), sent + (received - sent) / 2);
    }
  }

  /** Reads Redis' answer to {@code TIME}: seconds and microseconds. */
  static Instant read(List<String> answer) {
    return Instant.ofEpochSecond(
        Long.parseLong(answer.get(0)), Long.parseLong(answer.get(1)) * 1_000);
  }
}
