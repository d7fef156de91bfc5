package dev.millrace.flows.net;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A block of IP addresses, as in {@code 10.0.0.0/8}.
 *
 * @param first its first address, 4 or 16 bytes, the bits after the prefix being zero
 * @param bits length of the prefix
 * @param name what the block is, for messages
 */
record AddressRange(byte[] first, int bits, String name) {
  /**
   * What is not the public internet: IANA's special-purpose registries for IPv4 and IPv6, and the
   * one public address behind which a cloud hides its own services (Azure's 168.63.129.16). The
   * metadata services of the other clouds lie in the link-local, shared and unique-local blocks.
   */
  static final List<AddressRange> RESERVED =
      List.of(
          of("0.0.0.0/8", "this network"),
          of("10.0.0.0/8", "private"),
          of("100.64.0.0/10", "shared (carrier-grade NAT)"),
          of("127.0.0.0/8", "loopback"),
          of("169.254.0.0/16", "link-local"),
          of("172.16.0.0/12", "private"),
          of("192.0.0.0/24", "protocol assignments"),
          of("192.0.2.0/24", "documentation"),
          of("192.88.99.0/24", "6to4 relay"),
          of("192.168.0.0/16", "private"),
          of("198.18.0.0/15", "benchmarking"),
          of("198.51.100.0/24", "documentation"),
          of("203.0.113.0/24", "documentation"),
          of("224.0.0.0/4", "multicast"),
          of("240.0.0.0/4", "reserved"),
          of("168.63.129.16/32", "cloud metadata"),
          of("::/96", "IPv4-compatible"),
          of("64:ff9b:1::/48", "local NAT64"),
          of("100::/64", "discard"),
          of("2001::/23", "protocol assignments"),
          of("2001:db8::/32", "documentation"),
          of("2002::/16", "6to4"),
          of("fc00::/7", "unique local"),
          of("fe80::/10", "link-local"),
          of("fec0::/10", "site-local"),
          of("ff00::/8", "multicast"));

  private static final AddressRange MAPPED = rawV6(80, new byte[] {-1, -1}, "IPv4-mapped");
  private static final AddressRange NAT64 = of("64:ff9b::/96", "NAT64");

  /** Returns the block or the single address that the text names, or empty when it names none. */
  static Optional<AddressRange> parse(String text) {
    var slash = text.indexOf('/');
    try {
      var address = literal(slash < 0 ? text : text.substring(0, slash)).getAddress();
      var bits = slash < 0 ? address.length * 8 : Integer.parseInt(text.substring(slash + 1));
      if (bits < 0 || bits > address.length * 8) {
        return Optional.empty();
      }
      return Optional.of(new AddressRange(masked(address, bits), bits, text));
    } catch (IllegalArgumentException e) { // NumberFormatException is one
      return Optional.empty();
    }
  }

  boolean contains(InetAddress address) {
    var bytes = plain(address);
    return bytes.length == first.length && Arrays.equals(masked(bytes, bits), first);
  }

  /** Returns the bytes of the address, an IPv4 address that is wrapped in IPv6 being unwrapped. */
  private static byte[] plain(InetAddress address) {
    var bytes = address.getAddress();
    if (bytes.length == 16 && (MAPPED.covers(bytes) || NAT64.covers(bytes))) {
      return Arrays.copyOfRange(bytes, 12, 16);
    }
    return bytes;
  }

  private boolean covers(byte[] bytes) {
    return Arrays.equals(masked(bytes, bits), first);
  }

  private static byte[] masked(byte[] address, int bits) {
    var masked = address.clone();
    for (var i = 0; i < masked.length; i++) {
      var kept = Math.clamp(bits - i * 8L, 0, 8);
      masked[i] &= (byte) (0xff << (8 - kept));
    }
    return masked;
  }

  private static AddressRange of(String block, String name) {
    var range = parse(block).orElseThrow(() -> new IllegalArgumentException(block));
    return new AddressRange(range.first, range.bits, name);
  }

  /**
   * The JDK turns the text of a mapped address into an IPv4 address, so this one is put by hand.
   */
  private static AddressRange rawV6(int zeroBits, byte[] tail, String name) {
    var first = new byte[16];
    System.arraycopy(tail, 0, first, zeroBits / 8, tail.length);
    return new AddressRange(first, zeroBits + tail.length * 8, name);
  }

  private static InetAddress literal(String text) {
    return InetAddress.ofLiteral(text); // never asks a name server
  }
}
