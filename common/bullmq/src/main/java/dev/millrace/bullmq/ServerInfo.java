package dev.millrace.bullmq;

import java.util.HashMap;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a server says of itself in {@code INFO}.
 *
 * @param product {@code redis}, {@code valkey} or {@code dragonfly}
 * @param version the product's own version
 * @param evictionPolicy {@code maxmemory_policy}; empty if it does not say
 */
record ServerInfo(String product, String version, String evictionPolicy) {
  /** The first whose lists give several elements at a time, which fetching needs. */
  private static final String OLDEST = "6.2.0";

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  static ServerInfo parse(String text) {
    var fields = new HashMap<String, String>();
    text.lines()
        .forEach(line -> {
          var colon = line.indexOf(':');
          if (colon > 0) {
            fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
          }
        });
    var policy = fields.getOrDefault("maxmemory_policy", "");
    for (var product : new String[] {"dragonfly", "valkey", "redis"}) {
      var version = fields.get(product + "_version");
      if (version != null) {
        return new ServerInfo(product, version.replaceFirst("^df-v", ""), policy);
      }
    }
    return new ServerInfo("", "", policy);
  }

  /** Returns why the server cannot be used, if so: only Redis itself has versions too old. */
  Optional<String> refusal() {
    return isOlderThan(OLDEST)
        ? Optional.of(
            "Redis version needs to be greater or equal than %s Current: %s"
                .formatted(OLDEST, version))
        : Optional.empty();
  }

  /** Returns what is to be warned of, if anything, in the words that every BullMQ client has. */
  Optional<String> warning() {
    return evictionPolicy.isEmpty() || evictionPolicy.equals("noeviction")
        ? Optional.empty()
        : Optional.of(
            "IMPORTANT! Eviction policy is %s. It should be \"noeviction\", or Redis throws jobs away"
                    .formatted(evictionPolicy)
                + " when its memory is full");
  }

  private boolean isOlderThan(String other) {
    if (!product.equals("redis")) {
      return false;
    }
    var mine = NUMBER.matcher(version);
    var theirs = NUMBER.matcher(other);
    while (theirs.find()) {
      var a = mine.find() ? Long.parseLong(mine.group()) : 0;
      var b = Long.parseLong(theirs.group());
      if (a != b) {
        return a < b;
      }
    }
    return false;
  }
}
