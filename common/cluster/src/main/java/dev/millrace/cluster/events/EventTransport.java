package dev.millrace.cluster.events;

import dev.millrace.cluster.Payload;
import java.time.Duration;
import java.util.List;

/**
 * What an adapter does for {@link TransportEventQueue}: it stores events, gives them to consumers,
 * tries again what failed, and keeps what failed for good. Thread-safe.
 *
 * <p>All methods throw {@link dev.millrace.cluster.UnavailableException} while the store is away,
 * except {@link #open}, {@link #consume} and {@link #close}, which are then tried again in the
 * background, or do without it.
 */
public interface EventTransport {
  /** Makes ready; called once before everything else. */
  void open();

  /** Stores an event and returns its id. */
  String publish(String channel, Payload message, EventOptions options);

  /**
   * Gives the events of a channel to a consumer, never more at once than it has slots, each on a
   * virtual thread of its own.
   */
  Consumption consume(String channel, Consumer consumer);

  /** See {@link EventQueue#waiting}. */
  long waiting(String channel);

  /** See {@link EventQueue#deadLetters}. */
  List<DeadLetter> deadLetters(String channel, int limit);

  /** Closes; called once, after the consumptions have stopped. */
  void close();

  /** An event, and how often it failed before. */
  record Attempt(String id, Payload message, EventOptions options, int retried) {}

  /** Who handles events. */
  interface Consumer {
    /** Returns how many it handles at once. */
    int slots();

    /** Returns whether it may be given one now; to be asked before each. */
    boolean isIdle();

    /**
     * Handles one.
     *
     * @throws StoppedException when the event is to be put back, without counting the attempt
     * @throws Exception when the attempt failed
     */
    void handle(Attempt attempt) throws Exception;
  }

  /** A consumer at work. */
  interface Consumption {
    /** Takes no more events; returns at once. */
    void stop();

    /**
     * Waits until all events that were taken are settled in the store.
     *
     * @return whether they are
     */
    boolean awaitEnd(Duration limit) throws InterruptedException;
  }

  /** The node stops, and a processor gave up for that. */
  final class StoppedException extends Exception {
    StoppedException(Throwable cause) {
      super("the node stops", cause);
    }
  }
}
