package dev.millrace.platform.settings;

import java.util.List;

/** Whose {@code X-Forwarded-*} headers are believed (TRUST_PROXY, as Express understands it). */
public sealed interface TrustProxy {
  /** Every peer is a proxy of ours. */
  record Everyone() implements TrustProxy {}

  /** No peer is; the address of the socket is the client's. */
  record Nobody() implements TrustProxy {}

  /** The nearest so many hops are ours; at least one. */
  record Hops(int count) implements TrustProxy {}

  /**
   * Peers with these addresses are ours.
   *
   * @param ranges addresses, CIDR ranges, or {@code loopback}, {@code linklocal}, {@code
   *     uniquelocal}
   */
  record Ranges(List<String> ranges) implements TrustProxy {
    public Ranges {
      ranges = List.copyOf(ranges);
    }
  }
}
