package dev.millrace.flows.net;

import java.time.Duration;

/**
 * How long and how large a fetch may be.
 *
 * @param lookup for the name server
 * @param connect for a connection, TLS included per step
 * @param silence between two bytes
 * @param total for everything, redirects included
 * @param bodyBytes of an answer, unpacked
 * @param redirects followed
 */
public record FetchLimits(
    Duration lookup,
    Duration connect,
    Duration silence,
    Duration total,
    long bodyBytes,
    int redirects) {
  /** Fits flows that call APIs: two minutes, 32 MiB, five redirects as in Flowise. */
  public static final FetchLimits DEFAULT =
      new FetchLimits(
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofMinutes(2),
          32L << 20,
          5);

  public FetchLimits {
    if (bodyBytes < 0 || bodyBytes > Integer.MAX_VALUE - 8 || redirects < 0) {
      throw new IllegalArgumentException(
          "bodyBytes must be 0 to 2 GiB and redirects not negative: "
              + bodyBytes
              + ", "
              + redirects);
    }
  }
}
