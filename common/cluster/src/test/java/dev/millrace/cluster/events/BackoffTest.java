package dev.millrace.cluster.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void staysOrDoublesUpToAnHour() {
    var second = Duration.ofSeconds(1);
    assertThat(Backoff.fixed(second).after(7)).isEqualTo(second);
    assertThat(Backoff.exponential(second).after(1)).isEqualTo(second);
    assertThat(Backoff.exponential(second).after(5)).isEqualTo(Duration.ofSeconds(16));
    assertThat(Backoff.exponential(second).after(1_000)).isEqualTo(Duration.ofHours(1));
    assertThat(Backoff.exponential(Duration.ofHours(3)).after(2)).isEqualTo(Duration.ofHours(3));
    assertThat(Backoff.exponential(Duration.ZERO).after(2)).isZero();
  }
}
