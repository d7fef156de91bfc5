package dev.millrace.server.dashboard;

import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads what Redis says of itself. */
final class RedisStats {
  private final Map<String, String> fields = new HashMap<>();

  private RedisStats(String info) {
    for (var line : info.lines().toList()) {
      var colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1));
      }
    }
  }

  /**
   * Returns {@code RedisStats} of the contract.
   *
   * @param info the reply to {@code INFO}
   */
  static ObjectNode of(String info, JsonMapper json) {
    var stats = new RedisStats(info);
    var node = json.createObjectNode().put("backend", "redis");
    node.put("version", stats.fields.getOrDefault("redis_version", "?"));
    node.put("mode", stats.fields.getOrDefault("redis_mode", "standalone"));
    node.put("port", stats.whole("tcp_port"));
    node.put("os", stats.fields.getOrDefault("os", "?"));
    node.put("uptime", stats.whole("uptime_in_seconds"));
    var limit = stats.whole("maxmemory");
    node.putObject("memory")
        .put("total", limit > 0 ? limit : stats.whole("total_system_memory"))
        .put("used", stats.whole("used_memory"))
        .put("fragmentationRatio", stats.number("mem_fragmentation_ratio"))
        .put("peak", stats.whole("used_memory_peak"));
    node.putObject("clients")
        .put("connected", stats.whole("connected_clients"))
        .put("blocked", stats.whole("blocked_clients"));
    return node;
  }

  private long whole(String name) {
    return (long) number(name);
  }

  private double number(String name) {
    try {
      return Double.parseDouble(fields.getOrDefault(name, "0"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
