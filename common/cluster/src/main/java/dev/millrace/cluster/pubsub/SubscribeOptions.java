package dev.millrace.cluster.pubsub;

import java.time.Duration;

/**
 * How a subscriber hears messages.
 *
 * @param debounce how long it has to be quiet until a message is handled: of equal messages that
 *     come closer together than that, this subscriber gets only the last (and one at least after
 *     ten times that while they go on coming). Zero for none
 * @param buffer messages that wait for a slow handler, or for the end of their debounce. When it is
 *     full, the oldest are dropped and {@link MessageHandler#onGap} is called
 */
public record SubscribeOptions(Duration debounce, int buffer) {
  /** No debounce, a buffer of 1,000. */
  public static final SubscribeOptions DEFAULT = new SubscribeOptions(Duration.ZERO, 1_000);

  public SubscribeOptions {
    if (debounce.isNegative()) {
      throw new IllegalArgumentException("debounce must not be negative: " + debounce);
    }
    if (buffer < 1) {
      throw new IllegalArgumentException("buffer must be 1 at least: " + buffer);
    }
  }

  public static SubscribeOptions debounced(Duration debounce) {
    return DEFAULT.withDebounce(debounce);
  }

  public SubscribeOptions withDebounce(Duration value) {
    return new SubscribeOptions(value, buffer);
  }

  public SubscribeOptions withBuffer(int value) {
    return new SubscribeOptions(debounce, value);
  }
}
