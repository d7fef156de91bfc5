package dev.millrace.flows.net;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Says which hosts a flow may reach. Immutable.
 *
 * <p>What is denied by name wins over what is allowed, and what is allowed wins over the guard's
 * own ranges (loopback, private, link-local, shared, unique-local, multicast, metadata, …). An
 * entry of either list is a host name ({@code example.com}), every name below one ({@code
 * *.example.com}), an address, or a block of addresses ({@code 10.0.0.0/8}).
 */
public final class AddressPolicy {
  private final boolean guarded;
  private final Entries denied;
  private final Entries allowed;

  private AddressPolicy(boolean guarded, Entries denied, Entries allowed) {
    this.guarded = guarded;
    this.denied = denied;
    this.allowed = allowed;
  }

  /**
   * Returns a policy.
   *
   * @param guarded whether the own network is refused (HTTP_SECURITY_CHECK, on unless "false")
   * @param denied refused besides (HTTP_DENY_LIST)
   * @param allowed reachable although it lies in the own network (HTTP_ALLOW_LIST, ours)
   * @throws IllegalArgumentException when an entry is neither a host, nor an address, nor a block
   */
  public static AddressPolicy of(
      boolean guarded, Collection<String> denied, Collection<String> allowed) {
    return new AddressPolicy(
        guarded,
        Entries.parse("HTTP_DENY_LIST", denied),
        Entries.parse("HTTP_ALLOW_LIST", allowed));
  }

  /** Returns the policy that refuses the own network and nothing else. */
  public static AddressPolicy strict() {
    return of(true, List.of(), List.of());
  }

  /** As {@link #strict}, but with these hosts or blocks reachable. */
  public static AddressPolicy strictBut(String... allowed) {
    return of(true, List.of(), List.of(allowed));
  }

  /** Returns why the name must not even be looked up, or empty when it may be. */
  Optional<String> refusal(String host) {
    return denied.namesHost(plain(host)) ? Optional.of("it is on the deny list") : Optional.empty();
  }

  /** Returns why this address of the host must not be connected to, or empty when it may be. */
  Optional<String> refusal(String host, InetAddress address) {
    var name = plain(host);
    if (denied.namesHost(name) || denied.holds(address)) {
      return Optional.of("it is on the deny list");
    }
    if (!guarded || allowed.namesHost(name) || allowed.holds(address)) {
      return Optional.empty();
    }
    return AddressRange.RESERVED.stream()
        .filter(range -> range.contains(address))
        .findFirst()
        .map(range -> range.name() + " address");
  }

  private static String plain(String host) {
    var name = host.toLowerCase(Locale.ROOT);
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /** One list, taken apart once. */
  private record Entries(List<String> hosts, List<AddressRange> ranges) {
    static Entries parse(String setting, Collection<String> entries) {
      var hosts = new ArrayList<String>();
      var ranges = new ArrayList<AddressRange>();
      for (var entry : entries) {
        var text = plain(entry.strip());
        if (text.isEmpty()) {
          continue;
        }
        var range = AddressRange.parse(text);
        if (range.isPresent()) {
          ranges.add(range.get());
        } else if (text.matches("(\\*\\.)?[^\\s/:*]+")) {
          hosts.add(text);
        } else {
          throw new IllegalArgumentException(
              setting
                  + ": '"
                  + entry
                  + "' is neither a host, nor an address, nor a block (a.b.c.d/n)");
        }
      }
      return new Entries(List.copyOf(hosts), List.copyOf(ranges));
    }

    boolean namesHost(String name) {
      return hosts.stream()
          .anyMatch(
              host -> host.startsWith("*.") ? name.endsWith(host.substring(1)) : host.equals(name));
    }

    boolean holds(InetAddress address) {
      return ranges.stream().anyMatch(range -> range.contains(address));
    }
  }
}
