package dev.millrace.bullmq;

import org.jspecify.annotations.Nullable;

/**
 * Redis could not be reached, or went away before it answered.
 *
 * <p>A call that had been sent may or may not have taken effect: see {@link #mayHaveTakenEffect}.
 * The connection comes back by itself; the caller only decides whether to try again.
 */
public final class RedisUnavailableException extends BullMqException {
  private static final long serialVersionUID = 1L;

  private final boolean sent;

  RedisUnavailableException(String message, boolean sent, @Nullable Throwable cause) {
    super(message, cause);
    this.sent = sent;
  }

  /** Returns whether the call had been sent to Redis, so that it may have been carried out. */
  public boolean mayHaveTakenEffect() {
    return sent;
  }
}
