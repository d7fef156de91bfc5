package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Servers as they describe themselves. */
class ServerInfoTest {
  private static ServerInfo of(String... lines) {
    return ServerInfo.parse(String.join("\r\n", lines));
  }

  @Test
  void aCurrentRedisIsFine() {
    var info = of("# Server", "redis_version:7.0.15", "maxmemory_policy:noeviction");

    assertThat(info).isEqualTo(new ServerInfo("redis", "7.0.15", "noeviction"));
    assertThat(info.refusal()).isEmpty();
    assertThat(info.warning()).isEmpty();
  }

  @Test
  void anOldRedisIsRefused() {
    assertThat(of("redis_version:6.2.0").refusal()).isEmpty();
    assertThat(of("redis_version:10.0.0").refusal()).isEmpty();
    assertThat(of("redis_version:6.0.16").refusal())
        .contains("Redis version needs to be greater or equal than 6.2.0 Current: 6.0.16");
  }

  @Test
  void aServerThatEvictsKeysIsWarnedOf() {
    assertThat(of("redis_version:7.2.0", "maxmemory_policy:allkeys-lru").warning())
        .hasValueSatisfying(text -> assertThat(text).contains("Eviction policy is allkeys-lru"));
  }

  @Test
  void valkeyAndDragonflyHaveVersionsOfTheirOwn() {
    var valkey = of("redis_version:7.2.4", "server_name:valkey", "valkey_version:8.1.1");
    assertThat(valkey).isEqualTo(new ServerInfo("valkey", "8.1.1", ""));
    var dragonfly = of("redis_version:6.2.11", "dragonfly_version:df-v1.25.0");
    assertThat(dragonfly).isEqualTo(new ServerInfo("dragonfly", "1.25.0", ""));
    assertThat(of("redis_version:4.0.0", "valkey_version:1.0.0").refusal()).isEmpty();
  }

  @Test
  void aServerThatSaysNothingIsFine() {
    assertThat(ServerInfo.parse("").refusal()).isEmpty();
    assertThat(ServerInfo.parse("").warning()).isEmpty();
  }
}
