package dev.millrace.cluster.events;

import java.util.function.BooleanSupplier;

/**
 * Who handles the events of a channel.
 *
 * @param process handles one; may run on many threads at once
 * @param concurrency how many are handled at once on this node; 0 for as many as there are (at most
 *     {@value #UNLIMITED})
 * @param idle asked before an event is taken: false when this node must not take any now, because
 *     it does not serve them or is busy. It must not block
 */
public record EventConsumer(EventProcessor process, int concurrency, BooleanSupplier idle) {
  /** What concurrency 0 means. */
  public static final int UNLIMITED = 10_000;

  public EventConsumer {
    if (concurrency < 0 || concurrency > UNLIMITED) {
      throw new IllegalArgumentException(
          "concurrency must be 0 to %d, not %d".formatted(UNLIMITED, concurrency));
    }
  }

  /** Returns a consumer that handles one event at a time, and is always ready to. */
  public static EventConsumer of(EventProcessor process) {
    return new EventConsumer(process, 1, () -> true);
  }

  public EventConsumer withConcurrency(int value) {
    return new EventConsumer(process, value, idle);
  }

  public EventConsumer withIdle(BooleanSupplier value) {
    return new EventConsumer(process, concurrency, value);
  }

  int slots() {
    return concurrency == 0 ? UNLIMITED : concurrency;
  }
}
