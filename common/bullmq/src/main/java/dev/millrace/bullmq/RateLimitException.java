package dev.millrace.bullmq;

/**
 * Thrown by a {@link Processor} after {@link Worker#rateLimit} to put its job back in front of its
 * equals, as if it had not been taken. It is what Node calls {@code RateLimitError}.
 */
public final class RateLimitException extends BullMqException {
  private static final long serialVersionUID = 1L;

  public RateLimitException() {
    super("bullmq:rateLimitExceeded");
  }
}
