package dev.millrace.server.http;

import dev.millrace.platform.settings.TrustProxy;
import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a request comes from, as far as the proxies before us are believed (TRUST_PROXY).
 * Immutable.
 */
public final class ClientAddress {
  private final TrustProxy trust;

  public ClientAddress(TrustProxy trust) {
    this.trust = trust;
  }

  /** Returns the client's address; that of the socket where no proxy is believed. */
  public String of(Context ctx) {
    var peer = ctx.req().getRemoteAddr();
    var hops = new ArrayList<String>();
    var header = ctx.header("X-Forwarded-For");
    if (header != null) {
      for (var hop : header.split(",", -1)) {
        hops.add(hop.strip());
      }
    }
    hops.removeIf(String::isEmpty);
    return of(peer, hops);
  }

  /** Returns whether the client speaks HTTPS, with us or with a proxy that is believed. */
  public boolean isSecure(Context ctx) {
    var forwarded = ctx.header("X-Forwarded-Proto");
    return ctx.req().isSecure()
        || (forwarded != null
            && trusts(ctx.req().getRemoteAddr(), 0)
            && forwarded.split(",", -1)[0].strip().equalsIgnoreCase("https"));
  }

  /** Walks from the nearest hop to the first that is not ours. */
  String of(String peer, List<String> forwarded) {
    var address = peer;
    for (var hop = 0; hop < forwarded.size(); hop++) {
      if (!trusts(address, hop)) {
        return address;
      }
      address = forwarded.get(forwarded.size() - 1 - hop);
    }
    return address;
  }

  private boolean trusts(String address, int hop) {
    return switch (trust) {
      case TrustProxy.Everyone _ -> true;
      case TrustProxy.Nobody _ -> false;
      case TrustProxy.Hops(var count) -> hop < count;
      case TrustProxy.Ranges(var ranges) ->
          ranges.stream().anyMatch(range -> contains(range, address));
    };
  }

  private static boolean contains(String range, String address) {
    // Never a name: that would be looked up.
    if (!address.matches("[0-9a-fA-F.:]+")) {
      return false;
    }
    try {
      var ip = InetAddress.getByName(address);
      return switch (range) {
        case "loopback" -> ip.isLoopbackAddress();
        case "linklocal" -> ip.isLinkLocalAddress();
        case "uniquelocal" -> ip.isSiteLocalAddress() || (ip.getAddress()[0] & 0xfe) == 0xfc;
        default -> inBlock(range, ip);
      };
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static boolean inBlock(String range, InetAddress ip) throws UnknownHostException {
    var slash = range.indexOf('/');
    var base = InetAddress.getByName(slash < 0 ? range : range.substring(0, slash)).getAddress();
    var bytes = ip.getAddress();
    if (base.length != bytes.length) {
      return false;
    }
    var bits = slash < 0 ? base.length * 8 : Integer.parseInt(range.substring(slash + 1));
    for (var i = 0; i < Math.min(bits, base.length * 8); i++) {
      var mask = 0x80 >> (i % 8);
      if ((base[i / 8] & mask) != (bytes[i / 8] & mask)) {
        return false;
      }
    }
    return true;
  }
}
