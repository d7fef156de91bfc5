package dev.millrace.bullmq;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslVerifyMode;
import java.time.Duration;

/** Copies addresses with changes. (Lettuce's own way to copy one drops its Sentinels.) */
final class Addresses {
  private Addresses() {}

  /** Returns the address with a name for {@code CLIENT LIST}. */
  static RedisURI named(RedisURI uri, String clientName) {
    var copy = copy(uri);
    copy.setClientName(clientName);
    return copy;
  }

  /** Returns the address with a limit for its handshake. */
  static RedisURI limited(RedisURI uri, Duration limit) {
    var copy = copy(uri);
    copy.setTimeout(limit);
    return copy;
  }

  /** Returns the same address, and the same Sentinels, with encryption. */
  static RedisURI secured(RedisURI uri, SslVerifyMode verification) {
    var copy = copy(uri);
    copy.setSsl(true);
    copy.setVerifyPeer(verification);
    copy.getSentinels().replaceAll(sentinel -> secured(sentinel, verification));
    return copy;
  }

  /** Returns the address of another server that is reached in the same way. */
  static RedisURI moved(RedisURI uri, String host, int port) {
    var copy = copy(uri);
    copy.setHost(host);
    copy.setPort(port);
    return copy;
  }

  private static RedisURI copy(RedisURI uri) {
    var copy = new RedisURI();
    copy.applySsl(uri);
    copy.applyAuthentication(uri);
    copy.setDatabase(uri.getDatabase());
    copy.setTimeout(uri.getTimeout());
    if (uri.getHost() != null) {
      copy.setHost(uri.getHost());
      copy.setPort(uri.getPort());
    }
    if (uri.getSocket() != null) {
      copy.setSocket(uri.getSocket());
    }
    if (uri.getClientName() != null) {
      copy.setClientName(uri.getClientName());
    }
    if (uri.getLibraryName() != null) {
      copy.setLibraryName(uri.getLibraryName());
    }
    if (uri.getLibraryVersion() != null) {
      copy.setLibraryVersion(uri.getLibraryVersion());
    }
    if (uri.getSentinelMasterId() != null) {
      copy.setSentinelMasterId(uri.getSentinelMasterId());
    }
    // Copies, since what is set on an address may be passed on to its Sentinels.
    uri.getSentinels().forEach(sentinel -> copy.getSentinels().add(copy(sentinel)));
    return copy;
  }
}
