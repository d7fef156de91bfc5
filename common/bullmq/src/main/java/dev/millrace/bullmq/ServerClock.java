package dev.millrace.bullmq;

import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The time of Redis: asked for every few seconds, and counted in between by a clock that does not
 * jump. Never waits, and never throws: while Redis is away the last answer goes on counting.
 * Thread-safe.
 */
final class ServerClock implements InstantSource {
  private static final long ASKED_EVERY = 5_000_000_000L;
  private static final long TRIED_EVERY = 500_000_000L;

  /** An answer that took longer says too little of when it was true. */
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
    if (received - sent <= PROMPT) {
      var seconds = Long.parseLong(answer.get(0));
      var micros = Long.parseLong(answer.get(1));
      var half = sent + (received - sent) / 2;
      told = new Told(Instant.ofEpochSecond(seconds, micros * 1_000), half);
    }
  }
}
