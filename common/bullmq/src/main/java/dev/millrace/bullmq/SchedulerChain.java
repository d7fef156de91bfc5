package dev.millrace.bullmq;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Adds the run that follows one which a worker has taken. However many workers do so, and however
 * often, there is one: only the scheduler's current run is followed by another.
 */
final class SchedulerChain {
  private final RedisConnections connections;
  private final Scripts scripts;
  private final Duration retryDelay;
  private final BooleanSupplier stopping;
  private final Consumer<Throwable> onError;

  /**
   * @param retryDelay how long to wait for Redis before trying again
   * @param stopping whether to give up while Redis is away
   * @param onError is told what keeps a chain from going on; the run that was taken is processed
   *     all the same
   */
  SchedulerChain(
      RedisConnections connections,
      Scripts scripts,
      Duration retryDelay,
      BooleanSupplier stopping,
      Consumer<Throwable> onError) {
    this.connections = connections;
    this.scripts = scripts;
    this.retryDelay = retryDelay;
    this.stopping = stopping;
    this.onError = onError;
  }

  void follow(Job run) {
    if (run.repeatJobKey() == null) {
      return;
    }
    try {
      var arguments = nextRun(run, run.repeatJobKey());
      if (arguments != null) {
        store(arguments);
      }
    } catch (RuntimeException e) {
      // Whatever another client wrote: the run that was taken must not suffer from it.
      onError.accept(
          new BullMqException(
              "Failed to add repeatable job for next iteration: " + e.getMessage(), e));
    }
  }

  private @Nullable List<String> nextRun(Job run, String scheduler) {
    var now = scripts.now();
    var current = RepeatRule.of(run);
    var rule = current == null ? null : current.next(now);
    if (rule == null) {
      return null;
    }
    var time = "";
    if (rule.isCron()) {
      var next = rule.nextByCron(Math.max(now, previousMillis(run)));
      if (next.isEmpty()) {
        return null;
      }
      time = Long.toString(next.getAsLong());
    }
    var arguments = scripts.arguments(now);
    SchedulerRun.addArguments(arguments, scheduler, time, run.options(), rule, now);
    arguments.add(run.id());
    arguments.add(run.name());
    arguments.add(run.data());
    arguments.add(rule.text("every"));
    arguments.add(rule.text("offset"));
    arguments.add(rule.text("startDate"));
    return arguments;
  }

  private static long previousMillis(Job run) {
    var text = run.options().others().get("prevMillis");
    return text == null ? 0 : Json.tree(text).asLong(0);
  }

  private void store(List<String> arguments) {
    while (true) {
      try {
        scripts.call(Script.ADVANCE, arguments);
        return;
      } catch (RedisUnavailableException e) {
        if (stopping.getAsBoolean()) {
          throw e;
        }
        awaitRedis();
      }
    }
  }

  private void awaitRedis() {
    try {
      Thread.sleep(Duration.ofMillis(20 + (long) (Math.random() * 30)));
      connections.awaitUp(retryDelay);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullMqException("interrupted while Redis was away", e);
    }
  }
}
