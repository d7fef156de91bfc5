package dev.millrace.platform.prediction;

import dev.millrace.platform.events.StreamEvent;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gets predictions run, here or on a worker. Thread-safe. */
public interface PredictionDispatcher extends AutoCloseable {
  /**
   * Starts a prediction.
   *
   * @param listener hears its events in order, on one thread at a time, and must not block; null
   *     when nobody streams
   * @throws PredictionException when it cannot be started
   */
  Handle start(PredictionJob job, @Nullable Consumer<StreamEvent> listener);

  /**
   * Stops whatever runs or waits for a chat of a flow, in whichever process; does nothing when
   * there is nothing.
   *
   * @throws PredictionException when the others cannot be told
   */
  void abort(String flowId, String chatId);

  @Override
  void close();

  /** A prediction that was started. */
  interface Handle extends AutoCloseable {
    /**
     * Completes with the result as JSON text, or exceptionally with a {@link PredictionException}.
     * It always completes: every wait behind it has a limit.
     */
    CompletableFuture<String> result();

    /** Returns when every event that was published before the result was heard; waits briefly. */
    void settle();

    /** Stops the run because nobody wants its result any more. */
    void cancel(String why);

    /** Stops listening; the run goes on. */
    @Override
    void close();
  }
}
