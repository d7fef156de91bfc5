package dev.millrace.flows.models;

import java.time.Duration;

/**
 * How long a model may take.
 *
 * @param connect for a connection
 * @param firstByte until the answer begins; a long thought comes before the first byte
 * @param betweenTokens of a stream
 * @param total for the whole call, one retry included
 */
public record ModelLimits(
    Duration connect, Duration firstByte, Duration betweenTokens, Duration total) {
  /** Generous enough for models that think for minutes, and yet an end for those that hang. */
  public static final ModelLimits DEFAULT =
      new ModelLimits(
          Duration.ofSeconds(10),
          Duration.ofMinutes(5),
          Duration.ofSeconds(90),
          Duration.ofMinutes(30));

  /** Returns these limits with the one that a node names ({@code timeout}). */
  ModelLimits within(Duration timeout) {
    var shorter = betweenTokens.compareTo(timeout) < 0 ? betweenTokens : timeout;
    return new ModelLimits(connect, timeout, shorter, timeout);
  }
}
