package dev.millrace.bullmq;

import io.lettuce.core.RedisURI;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/** The connections of a bridge: one set for each server, database and user. */
final class BridgeRedis implements AutoCloseable {
  private final Map<RedisURI, RedisConnections> open = new ConcurrentHashMap<>();
  private volatile long offsetMillis;

  /** Lets the clock of queues and workers go ahead of the system's. */
  void clockOffset(long millis) {
    offsetMillis = millis;
  }

  private Instant now() {
    return Instant.now().plusMillis(offsetMillis);
  }

  /** Returns the connections to where {@code {host, port, db, username, password}} says. */
  RedisConnections to(JsonNode where) {
    return open.computeIfAbsent(address(where), this::connect);
  }

  private static RedisURI address(JsonNode where) {
    var port = (int) BridgeArgs.number(where.path("port"), 6379);
    var address =
        RedisURI.builder()
            .withHost(where.path("host").asString("127.0.0.1"))
            .withPort(port)
            .withDatabase((int) BridgeArgs.number(where.path("db"), 0));
    var password = BridgeArgs.field(where, "password");
    var username = BridgeArgs.field(where, "username");
    if (!username.isEmpty()) {
      address.withAuthentication(username, password);
    } else if (!password.isEmpty()) {
      address.withPassword(password.toCharArray());
    }
    return address.build();
  }

  private RedisConnections connect(RedisURI address) {
    var connections = RedisConnections.builder(Topology.of(address)).clock(this::now).connect();
    // A script that Redis does not know yet is sent twice, and would be overtaken by the next one.
    var commands = connections.shared().async();
    for (var script : Script.values()) {
      var _ = commands.scriptLoad(script.source());
    }
    return connections;
  }

  @Override
  public void close() {
    open.values().forEach(RedisConnections::close);
  }
}
