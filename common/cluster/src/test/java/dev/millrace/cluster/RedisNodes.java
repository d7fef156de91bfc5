package dev.millrace.cluster;

import dev.millrace.cluster.support.RedisLink;
import java.util.UUID;

/** Connections to Redis for tests, each test with keys of its own. */
public final class RedisNodes {
  private RedisNodes() {}

  public static String newPrefix() {
    return "test-" + UUID.randomUUID() + ":";
  }

  public static RedisLink link(String url, String prefix) {
    return new RedisLink(url, prefix);
  }
}
