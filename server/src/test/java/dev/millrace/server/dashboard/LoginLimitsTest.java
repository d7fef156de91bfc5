package dev.millrace.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoginLimitsTest {
  private final AtomicLong now = new AtomicLong();
  private final LoginLimits limits = new LoginLimits(now::get);

  @Test
  void aClientHasSoManyTriesInAWindow() {
    for (var i = 0; i < LoginLimits.MOST_OF_CLIENT; i++) {
      assertThat(limits.isBlocked("1.2.3.4", "10.0.0.1")).isFalse();
      limits.failed("1.2.3.4", "10.0.0.1");
    }
    assertThat(limits.isBlocked("1.2.3.4", "10.0.0.1")).isTrue();
    assertThat(limits.isBlocked("1.2.3.5", "10.0.0.1")).isFalse();
    now.addAndGet(LoginLimits.WINDOW.toNanos());
    assertThat(limits.isBlocked("1.2.3.4", "10.0.0.1")).isFalse();
  }

  @Test
  void whoLiesAboutTheAddressIsStoppedByTheConnection() {
    for (var i = 0; i < LoginLimits.MOST_OF_CONNECTION; i++) {
      limits.failed("1.2.3." + i, "10.0.0.1");
    }
    assertThat(limits.isBlocked("9.9.9.9", "10.0.0.1")).isTrue();
    assertThat(limits.isBlocked("9.9.9.9", "10.0.0.2")).isFalse();
  }

  @Test
  void theAddressesOfAnIpv6NetworkAreOneClient() {
    for (var i = 0; i < LoginLimits.MOST_OF_CLIENT; i++) {
      limits.failed("2001:db8:1:2::" + i, "10.0.0.1");
    }
    assertThat(limits.isBlocked("2001:db8:1:2:ffff::1", "10.0.0.1")).isTrue();
    assertThat(limits.isBlocked("2001:db8:1:3::1", "10.0.0.1")).isFalse();
  }
}
