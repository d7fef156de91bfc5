package dev.millrace.flows.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Does something when a time is over, unless it is closed before.
 *
 * @param over completes when it is closed
 */
record Timer(CompletableFuture<Void> over) implements AutoCloseable {
  /** One that never comes. */
  static final Timer NONE = new Timer(new CompletableFuture<>());

  /**
   * Starts a timer.
   *
   * @param action must neither block nor throw
   */
  static Timer start(Duration time, Runnable action) {
    var over = new CompletableFuture<Void>();
    var _ =
        over.orTimeout(time.toMillis(), TimeUnit.MILLISECONDS)
            .exceptionally(late -> {
              action.run();
              return null;
            });
    return new Timer(over);
  }

  @Override
  public void close() {
    over.complete(null);
  }
}
