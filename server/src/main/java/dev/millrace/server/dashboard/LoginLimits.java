package dev.millrace.server.dashboard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts wrong keys, so that nobody tries them all. By the client's address, of which a header may
 * lie, and by that of the connection, which several clients of a proxy share. Thread-safe.
 */
final class LoginLimits {
  static final int MOST_OF_CLIENT = 10;
  static final int MOST_OF_CONNECTION = 100;
  static final Duration WINDOW = Duration.ofMinutes(15);

  private static final int REMEMBERED = 10_000;

  private final Cache<String, AtomicInteger> failures;

  /**
   * @param ticker what time it is, for tests
   */
  LoginLimits(Ticker ticker) {
    failures =
        Caffeine.newBuilder()
            .maximumSize(REMEMBERED)
            .expireAfterWrite(WINDOW)
            .ticker(ticker)
            .build();
  }

  /** Returns whether no more keys are looked at for now. */
  boolean isBlocked(String client, String connection) {
    return count("client " + network(client)) >= MOST_OF_CLIENT
        || count("connection " + network(connection)) >= MOST_OF_CONNECTION;
  }

  void failed(String client, String connection) {
    add("client " + network(client));
    add("connection " + network(connection));
  }

  private void add(String who) {
    var _ = failures.get(who, _ -> new AtomicInteger()).incrementAndGet();
  }

  private int count(String who) {
    var count = failures.getIfPresent(who);
    return count == null ? 0 : count.get();
  }

  /** Who has one IPv6 address has the 2^64 beside it. */
  private static String network(String address) {
    if (address.indexOf(':') < 0 || !address.matches("[0-9a-fA-F:.]+")) {
      return address;
    }
    try {
      var bytes = InetAddress.getByName(address).getAddress();
      var text = new StringBuilder();
      for (var i = 0; i < Math.min(8, bytes.length); i++) {
        text.append("%02x".formatted(bytes[i]));
      }
      return text.toString();
    } catch (UnknownHostException e) {
      return address;
    }
  }
}
