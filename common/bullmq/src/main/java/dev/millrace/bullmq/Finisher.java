package dev.millrace.bullmq;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Stores how attempts ended, whatever happens to the connection: a result that took minutes to get
 * is not thrown away because Redis restarted.
 */
final class Finisher {
  private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

  private final RedisConnections connections;
  private final JobSource source;
  private volatile long deadlineNanos;
  private volatile boolean hasDeadline;

  Finisher(RedisConnections connections, JobSource source) {
    this.connections = connections;
    this.source = source;
  }

  /**
   * What became of a {@link Finish}.
   *
   * @param stored whether Redis has it
   * @param refusal why Redis refused it, if it did
   * @param next another job for the slot
   */
  record Result(
      boolean stored, @Nullable JobOperationException refusal, @Nullable ActiveJob next) {}

  /** Gives up on what is not stored by then; there is no limit before this is called. */
  void giveUpAfter(Duration limit) {
    deadlineNanos = System.nanoTime() + limit.toNanos();
    hasDeadline = true;
  }

  /**
   * Stores a result, and tries again for as long as Redis is away.
   *
   * @throws BullMqException when Redis refused the call itself, or it was given up
   */
  Result finish(Finish finish) {
    var attempt = finish;
    while (true) {
      var sentAt = source.now();
      try {
        source.reclaimLost();
        return result(attempt, Scripts.join(source.finish(attempt), "finish"));
      } catch (RedisUnavailableException e) {
        if (hasDeadline && System.nanoTime() - deadlineNanos >= 0) {
          throw e;
        }
        attempt = e.mayHaveTakenEffect() ? attempt.resent(sentAt) : attempt;
        awaitRedis();
      }
    }
  }

  private static Result result(Finish finish, JobSource.Finished reply) {
    if (reply.code() == 0) {
      return new Result(true, null, reply.next());
    }
    var command =
        switch (finish.mode()) {
          case COMPLETED, FAILED -> "moveToFinished";
          case RETRY -> "retryJob";
          case DELAY -> "moveToDelayed";
          case WAIT -> "moveJobFromActiveToWait";
        };
    var refusal =
        JobOperationException.of(reply.code(), finish.job().id(), command, JobState.ACTIVE);
    return new Result(false, refusal, reply.next());
  }

  private void awaitRedis() {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(10, 50));
      connections.awaitUp(TRY_AGAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullMqException("interrupted before a job's end could be stored", e);
    }
  }
}
