package dev.millrace.platform.prediction;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.EventSink;
import dev.millrace.platform.events.StreamEvent;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** MODE=main: runs predictions in this process, each on a virtual thread of its own. */
public final class DirectDispatcher implements PredictionDispatcher {
  private final PredictionRunner runner;
  private final Aborts aborts;
  private final Clock clock;
  private final Duration limit;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("predict-", 0).factory());

  /**
   * @param limit how long a prediction may take; it is cancelled after that
   */
  public DirectDispatcher(PredictionRunner runner, Aborts aborts, Clock clock, Duration limit) {
    this.runner = runner;
    this.aborts = aborts;
    this.clock = clock;
    this.limit = limit;
  }

  @Override
  public Handle start(PredictionJob job, @Nullable Consumer<StreamEvent> listener) {
    var cancellation = new Cancellation();
    EventSink sink =
        listener == null ? EventSink.NONE : event -> listener.accept(StreamEvent.of(event));
    var enqueuedAt = clock.millis();
    var result =
        CompletableFuture.supplyAsync(
            () -> runner.run(job, enqueuedAt, false, sink, cancellation), threads);
    var limited =
        result
            .copy()
            .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
            .exceptionallyCompose(error -> CompletableFuture.failedFuture(translate(error, job)));
    var _ = limited.whenComplete((json, error) -> cancelIfTimedOut(error, cancellation));
    return new RunningHere(limited, cancellation);
  }

  @Override
  public void abort(String flowId, String chatId) {
    aborts.abort(Aborts.key(flowId, chatId), null, clock.millis());
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  private Throwable translate(Throwable error, PredictionJob job) {
    var cause = error.getCause() == null ? error : error.getCause();
    return error instanceof java.util.concurrent.TimeoutException
            || cause instanceof java.util.concurrent.TimeoutException
        ? PredictionException.timeout("run " + job.ids().runId(), limit)
        : cause;
  }

  private static void cancelIfTimedOut(@Nullable Throwable error, Cancellation cancellation) {
    if (error != null) {
      cancellation.cancel("PREDICTION_TIMEOUT is over");
    }
  }

  private record RunningHere(CompletableFuture<String> result, Cancellation cancellation)
      implements Handle {
    @Override
    public void settle() {
      // The listener was called before the run returned.
    }

    @Override
    public void cancel(String why) {
      cancellation.cancel(why);
    }

    @Override
    public void close() {
      // Nothing was opened for it.
    }
  }
}
