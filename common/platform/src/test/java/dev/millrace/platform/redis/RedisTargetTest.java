package dev.millrace.platform.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.settings.RedisSettings;
import dev.millrace.platform.settings.Settings;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RedisTargetTest {
  @Test
  void theAddressCarriesDatabaseLoginAndVerifiedTls() {
    var uri = target("rediss://ann:pw@cache:7000/3").uri();

    assertThat(uri.getHost()).isEqualTo("cache");
    assertThat(uri.getPort()).isEqualTo(7000);
    assertThat(uri.getDatabase()).isEqualTo(3);
    assertThat(uri.isSsl()).isTrue();
    assertThat(uri.getVerifyMode().name()).isEqualTo("FULL");
  }

  @Test
  void memoryAndTimeAreBounded() {
    var target = target("redis://cache");
    var options = target.clientOptions();

    assertThat(options.getRequestQueueSize()).isLessThanOrEqualTo(50_000);
    assertThat(options.getTimeoutOptions().isTimeoutCommands()).isTrue();
    assertThat(target.uri().getTimeout()).hasSeconds(10);
    assertThat(options.getSocketOptions().getKeepAlive().isEnabled()).isTrue();
  }

  @Test
  void itsDescriptionHasNoPassword() {
    assertThat(target("rediss://ann:pw@[::1]:7000/3").describe())
        .isEqualTo("rediss://[::1]:7000/3");
  }

  private static RedisTarget target(String url) {
    RedisSettings settings =
        Settings.load(new String[0], Map.of("REDIS_URL", url), Path.of("none")).redis();
    return new RedisTarget(settings);
  }
}
