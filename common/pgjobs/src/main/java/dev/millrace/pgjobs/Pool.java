package dev.millrace.pgjobs;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Names in which jobs are locked: one per runner, as graphile-worker makes them. */
final class Pool {
  private static final int BYTES = 9;

  private Pool() {}

  static String newId(boolean once) {
    var bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return (once ? "otpool-" : "pool-") + HexFormat.of().formatHex(bytes);
  }
}
